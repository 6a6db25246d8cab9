import { JsonEditor } from './json-editor.ts'
import { ValueDiff } from './value-diff.ts'
import { ValueForm } from './value-form.ts'

export const elements = {
  'task-value-form': ValueForm,
  'task-json-editor': JsonEditor,
  'task-value-diff': ValueDiff,
}
