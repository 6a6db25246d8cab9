import { initialView, type DashboardState, type DashboardStore, type ViewQuery } from '@taskloom/client'
import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { readPlace, writePlace, type Place } from './address.ts'

interface PlacesHost extends ReactiveControllerHost {
  readonly urlState: boolean
  readonly store: DashboardStore | null
}

/**
 * Keeps what is shown in the page's address, where that is wanted. Opening a task or another tab is a step of the browser's
 * history, typing in a filter is not.
 */
export class PlacesController implements ReactiveController {
  readonly #host: PlacesHost

  constructor(host: PlacesHost) {
    this.#host = host
    host.addController(this)
  }

  hostConnected(): void {
    window.addEventListener('popstate', this.#go)
  }

  hostDisconnected(): void {
    window.removeEventListener('popstate', this.#go)
  }

  /** What the address asks for, to begin with. */
  read(): { readonly view: Partial<ViewQuery>; readonly open: (store: DashboardStore) => void } {
    const place = this.#host.urlState ? readPlace() : null
    if (!place) return { view: {}, open: () => undefined }
    // A link of somebody else says nothing of the columns that this operator likes.
    const { columns, ...view } = place.view
    return { view: columns.length > 0 ? place.view : view, open: (store) => openTask(store, place) }
  }

  write(before: DashboardState | null, next: DashboardState): void {
    if (!this.#host.urlState) return
    const [was, is] = [before && placeOf(before), placeOf(next)]
    const isStep =
      was !== null && (was.view.tab !== is.view.tab || was.taskId !== is.taskId || was.detailTab !== is.detailTab)
    writePlace(is, isStep)
  }

  readonly #go = (): void => {
    const { store, urlState } = this.#host
    const place = readPlace() ?? (location.hash === '' ? nowhere : null)
    if (!store || !urlState || !place) return
    openTask(store, place)
    void store.setView(place.view)
  }
}

const nowhere: Place = { view: initialView, taskId: null, detailTab: 'details' }

function openTask(store: DashboardStore, { taskId, detailTab, attempt }: Place): void {
  if (taskId === null) store.closeTask()
  else void store.openTask(taskId, detailTab, attempt)
}

function placeOf({ view, open }: DashboardState): Place {
  return { view, taskId: open?.taskId ?? null, detailTab: open?.tab ?? 'details', attempt: open?.attempt }
}
