import { ProtocolError, type Json, type TaskDetail, type TaskFilter } from '@taskloom/protocol'
import { toJsonView } from '../core/json-view.ts'
import type { ServerSettings } from './options.ts'

/** A detail view as this mount may show it. A `displayArgs` that throws shows no arguments, and its host hears of it. */
export function withShownArgs(detail: TaskDetail, { displayArgs, onError }: ServerSettings): TaskDetail {
  const { args, ...visible } = detail
  if (displayArgs === false || args === undefined) return visible
  if (displayArgs === true) return detail
  try {
    const shown = displayArgs(detail)
    return shown === undefined ? visible : { ...visible, args: toJsonView(shown) satisfies Json }
  } catch (error) {
    onError(error, null)
    return visible
  }
}

/** What may not be read may not be guessed by searching for it, either. */
export function assertSearchable(
  filter: TaskFilter,
  { displayArgs, redaction }: ServerSettings,
  parameter = 'q',
): TaskFilter {
  const isHidden = filter.search.some(
    (term) => term.kind === 'args' && (displayArgs !== true || redaction.hides(term.path)),
  )
  if (!isHidden) return filter
  throw new ProtocolError('bad_query', 'Arguments are not shown here and cannot be searched', { parameter })
}
