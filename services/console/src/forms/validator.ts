/* Validation for the form library by @cfworker/json-schema, which compiles nothing: branches are told apart, and errors are in our words. */
import type { Validator } from '@cfworker/json-schema'
import type { Config, FormValidator, FormValue } from '@sjsf/form'
import type { Schema } from '../lib/config.ts'
import { judged } from '../lib/numbers.ts'
import { check, checkOne, pathOf, validatorOf } from '../lib/schema.ts'

const plain = (value: unknown): unknown => (value === undefined || value === null ? null : judged(value))

export function createFormValidator(): FormValidator<unknown> & { validateFieldValue: (config: Config, value: unknown) => string[] } {
  const made = new WeakMap<object, Validator>()
  // A part of the schema, with the definitions of the whole beside it for its references.
  function partOf(part: object, root: Record<string, unknown>): Validator {
    let found = made.get(part)
    if (!found) made.set(part, (found = validatorOf({ $defs: root.$defs, definitions: root.definitions, ...part } as Schema)))
    return found
  }
  return {
    isValid: (part, root, value) => (typeof part === 'boolean' ? part : partOf(part, root as Record<string, unknown>).validate(plain(value)).valid),
    validateFormValue: (schema: object, value: FormValue) => {
      const errors = check(schema as Schema, value).map(one => ({ path: pathOf(one.pointer, value), message: one.message }))
      return errors.length > 0 ? { value, errors } : { value }
    },
    validateFieldValue: (config: Config, value: unknown) => checkOne(config.schema as Schema, value, config.required)
  }
}
