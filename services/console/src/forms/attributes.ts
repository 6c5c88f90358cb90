/* What every input has: its name for the label, its help and its error, whether it is required, and when it is checked. The browser's own checks stay out: errors are ours. */
import { getId, getPseudoId, isDisabled, type Config, type FieldErrors, type FormState } from '@sjsf/form'

type Handlers = { onblur?: () => void; oninput?: () => void; onchange?: () => void }

export function attributes<T>(form: FormState<T>, config: Config, errors: FieldErrors, handlers: Handlers) {
  const described = [config.schema.description ? getPseudoId(form, config.path, 'description') : '', errors.length > 0 ? getPseudoId(form, config.path, 'errors') : ''].filter(Boolean)
  const id = getId(form, config.path)
  return {
    id, name: id, disabled: isDisabled(form), 'aria-required': config.required || undefined, 'aria-invalid': errors.length > 0 || undefined,
    'aria-describedby': described.join(' ') || undefined, onblur: handlers.onblur, oninput: handlers.oninput, onchange: handlers.onchange
  }
}
