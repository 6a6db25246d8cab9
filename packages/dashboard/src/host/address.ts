import { decodeView, detailTabs, encodeView, initialView, type DetailTab, type ViewQuery } from '@taskloom/client'

export interface Place {
  readonly view: ViewQuery
  readonly taskId: string | null
  /** The tab of the open task. */
  readonly detailTab: DetailTab
  /** Which of its attempts it is about. */
  readonly attempt?: number | undefined
}

const marker = '#tasks?'

/** The view and open task in the page's address; null when it speaks of something else. */
export function readPlace(): Place | null {
  if (!location.hash.startsWith(marker)) return null
  const params = new URLSearchParams(location.hash.slice(marker.length))
  return {
    view: decodeView(params),
    taskId: params.get('task'),
    detailTab: detailTabs.find((tab) => tab === params.get('show')) ?? 'details',
    attempt: Number(params.get('attempt')) || undefined,
  }
}

/** Writes the place, as a step that the browser's Back takes back or as the place of this step; a foreign fragment stays. */
export function writePlace(place: Place, isStep: boolean): void {
  if (location.hash !== '' && !location.hash.startsWith(marker)) return
  const hash = hashOf(place)
  if (hash === location.hash) return
  const address = `${location.pathname}${location.search}${hash}`
  if (isStep) history.pushState(history.state, '', address)
  else history.replaceState(history.state, '', address)
}

/** A link to a task, one of its tabs or attempts, as this page would open it. */
export function linkTo(taskId: string, detailTab: DetailTab = 'details', attempt?: number): string {
  return linkWith(hashOf({ view: initialView, taskId, detailTab, attempt }))
}

/** A link to what is shown. */
export function linkToView(view: ViewQuery): string {
  return linkWith(`${marker}${encodeView(view).toString()}`)
}

function hashOf({ view, taskId, detailTab, attempt }: Place): string {
  const params = encodeView(view)
  if (taskId !== null) {
    params.set('task', taskId)
    if (detailTab !== 'details') params.set('show', detailTab)
    if (attempt) params.set('attempt', String(attempt))
  }
  const query = params.toString()
  return query === '' ? '' : `${marker}${query}`
}

function linkWith(hash: string): string {
  const url = new URL(location.href)
  url.hash = hash
  return url.href
}
