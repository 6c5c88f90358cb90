/* The few texts of the form library, from our catalogue. */
import { fromRecord } from '@sjsf/form/lib/resolver'
import type { Translation } from '@sjsf/form'
import { t } from '../lib/messages.ts'

export const translation: Translation = fromRecord({
  'submit': t('save'), 'array-schema-missing-items': t('noForm'), 'yes': t('yes'), 'no': t('no'),
  'multi-schema-option-label-with-title': ({ index }: { index: number }) => t('choiceNumber', index + 1), 'multi-schema-option-label': ({ index }: { index: number }) => t('choiceNumber', index + 1),
  'add-array-item': t('add'), 'copy-array-item': t('add'), 'add-object-property': t('add'), 'move-array-item-down': t('nextPage'), 'move-array-item-up': t('previous'),
  'remove-array-item': t('removeItem'), 'remove-object-property': t('removeItem'), 'edit': t('change'), 'clear': t('removeItem'), 'validation-process-error': t('failed'),
  'component-not-found': t('noForm'), 'key-input-title': t('newKey'), 'additional-property': t('newKey'), 'unknown-field-error': t('noForm'), 'expand': t('more')
})
