import { decodeView, encodeView, type ViewQuery } from '@taskloom/client'

export interface Place {
  readonly view: ViewQuery
  readonly taskId: string | null
}

const marker = '#tasks?'

/** The view and open task in the page's address; null when it speaks of something else. */
export function readPlace(): Place | null {
  if (!location.hash.startsWith(marker)) return null
  const params = new URLSearchParams(location.hash.slice(marker.length))
  return { view: decodeView(params), taskId: params.get('task') }
}

/** Writes the place without a new entry in the history, and leaves a foreign fragment alone. */
export function writePlace({ view, taskId }: Place): void {
  if (location.hash !== '' && !location.hash.startsWith(marker)) return
  const params = encodeView(view)
  if (taskId !== null) params.set('task', taskId)
  const query = params.toString()
  const hash = query === '' ? '' : `${marker}${query}`
  if (hash === location.hash) return
  history.replaceState(history.state, '', `${location.pathname}${location.search}${hash}`)
}

/** A link to a task as this page would open it. */
export function linkTo(taskId: string): string {
  const url = new URL(location.href)
  url.hash = `${marker.slice(1)}task=${encodeURIComponent(taskId)}`
  return url.href
}
