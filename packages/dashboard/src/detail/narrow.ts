import type { DashboardState } from '@taskloom/client'
import { request } from '../events.ts'

/** A term of the search language: `tag.env:prod`, with quotes where there must be some. */
export function termOf(qualifier: string, value: string): string {
  const quote = (text: string) => (/[\s":()*-]|^$/.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : text)
  return `${qualifier}:${quote(value)}`
}

/** Shows the tasks of a term, among those that are shown now. */
export function narrowTo(from: EventTarget, term: string, { view }: DashboardState): void {
  const terms = view.search.trim()
  const search = terms.includes(term) ? terms : `${terms} ${term}`.trim()
  request(from, 'request-view', { tab: 'view', search })
}

/** Shows all tasks of a term, whatever is shown now. */
export function showOnly(from: EventTarget, term: string): void {
  request(from, 'request-view', {
    tab: 'view',
    statuses: [],
    funcNames: [],
    queues: [],
    range: { kind: 'all' },
    search: term,
  })
}
