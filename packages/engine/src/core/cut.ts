import type { Json } from '@taskloom/protocol'
import { maxErrorLength, maxStackLength } from './error-text.ts'
import type { ViewLimits } from './json-view.ts'
import type { TaskRecord, Transition } from './record.ts'

/** Whether a text is what `cutText` leaves of a longer one. */
export function isCutText(text: string, maxLength: number): boolean {
  return text.length === maxLength && text.endsWith('…')
}

/** Whether a view of these limits does not hold everything that was looked at. */
export function isCutView(view: Json, limits: ViewLimits): boolean {
  if (typeof view === 'string') return view === '<more>' || view === '<deeper>' || isCutText(view, limits.maxTextLength)
  if (typeof view !== 'object' || view === null) return false
  return Object.values(view).some((inner: Json) => isCutView(inner, limits))
}

/** Names the error and the stack trace in `truncated` when they are cut, and not any more when others took their place. */
export function nameCutErrors(step: Transition): Transition {
  const { error, stacktrace, truncated } = step.next
  if (error === null && truncated.length === 0) return step
  const kept = truncated.filter((name) => name !== 'error' && name !== 'stacktrace')
  const names = [
    ...kept,
    ...(error !== null && isCutText(error, maxErrorLength) ? ['error'] : []),
    ...(stacktrace !== null && isCutText(stacktrace, maxStackLength) ? ['stacktrace'] : []),
  ]
  return isSameList(names, truncated) ? step : { ...step, next: { ...step.next, truncated: names } }
}

export function withName(names: TaskRecord['truncated'], name: string): TaskRecord['truncated'] {
  return names.includes(name) ? names : [...names, name]
}

function isSameList(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((name, index) => name === b[index])
}
