/* What @sjsf/form draws a schema with: its own fields, our own look. */
import { extendByRecord } from '@sjsf/form/lib/resolver'
import { base } from '@sjsf/form/theme'
import type { Theme } from '@sjsf/form'
import EnumField from '@sjsf/form/fields/extra/enum.svelte'
import ApplicationRef from './ApplicationRef.svelte'
import Button from './Button.svelte'
import Checkbox from './Checkbox.svelte'
import Constant from './Constant.svelte'
import Description from './Description.svelte'
import Errors from './Errors.svelte'
import Label from './Label.svelte'
import Layout from './Layout.svelte'
import NumberInput from './NumberInput.svelte'
import Select from './Select.svelte'
import TextInput from './TextInput.svelte'
import Title from './Title.svelte'

const drawn = extendByRecord(base, {
  enumField: EnumField, button: Button, checkboxWidget: Checkbox, description: Description, errorsList: Errors, help: Description, label: Label, layout: Layout,
  numberWidget: NumberInput, selectWidget: Select, textWidget: TextInput, title: Title
})
export const theme = ((type: string, config: { schema: object }) => {
  const schema = config.schema as Record<string, unknown>
  if (type === 'textWidget' && schema['x-catalyst-ui-hint'] === 'application-ref') return ApplicationRef
  return type === 'unknownField' && 'const' in schema ? Constant : drawn(type as never, config as never)
}) as Theme
