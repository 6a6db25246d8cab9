import type { ReactiveController, ReactiveControllerHost } from 'lit'
import { handOnParts } from './host/hand-on-parts.ts'

/** Elements by name. */
export type Elements = Readonly<Record<string, CustomElementConstructor>>

interface Part {
  readonly elements: Elements
}

/**
 * What is not needed to draw the rows: each part is a module of its own, in the file for a `<script>` tag a file of its own
 * beside it, that is loaded when it is first asked for. A part exports `elements`; they are registered when it has come.
 */
export const parts = {
  'task-detail-panel': () => import('./detail/index.ts'),
  'task-lineage': () => import('./detail/asking.ts'),
  'task-log-view': () => import('./detail/log-view.ts'),
  'task-schedules': () => import('./screens/schedules.ts'),
  'task-functions': () => import('./screens/tasks.ts'),
  'task-value-form': () => import('./form/index.ts'),
  'task-move-dialog': () => import('./dialogs/move-dialog.ts'),
  'task-ask-dialog': () => import('./dialogs/ask-dialog.ts'),
  'task-enqueue-dialog': () => import('./dialogs/enqueue-dialog.ts'),
  'task-chart-tools': () => import('./elements/chart-tools.ts'),
  'task-columns-menu': () => import('./menus/columns-menu.ts'),
  'task-views-menu': () => import('./menus/views-menu.ts'),
  'task-clock-dialog': () => import('./dialogs/clock-dialog.ts'),
  'task-range-dialog': () => import('./dialogs/range-dialog.ts'),
  'task-completion': () => import('./search/completion.ts'),
  'task-queues': () => import('./screens/queues.ts'),
  'task-workers': () => import('./screens/workers.ts'),
  'task-metrics': () => import('./screens/metrics.ts'),
  'task-audit': () => import('./screens/audit.ts'),
  'task-panel': () => import('./screens/panel.ts'),
  'task-login': () => import('./host/login.ts'),
  'task-account': () => import('./host/login-account.ts'),
  'task-palette-dialog': () => import('./dialogs/palette.ts'),
  'task-help-dialog': () => import('./dialogs/help-dialog.ts'),
  'task-clear-history-dialog': () => import('./dialogs/clear-history-dialog.ts'),
  'task-dead-letters': () => import('./screens/dead-letters.ts'),
  'task-operations': () => import('./screens/operations.ts'),
  'task-operation-tray': () => import('./operations/tray.ts'),
  'task-bulk-bar': () => import('./operations/bulk-bar.ts'),
  'task-bulk-dialog': () => import('./dialogs/bulk-dialog.ts'),
} satisfies Record<string, () => Promise<Part>>

/** The name of a part, which is that of the element it is loaded for. */
export type PartName = keyof typeof parts

/** A page may load the dashboard twice, or two versions of it: the first that came keeps the name. */
export function register(elements: Elements): void {
  for (const [name, element] of Object.entries(elements)) {
    if (customElements.get(name)) continue
    if (name !== 'task-dashboard') handOnParts(element)
    customElements.define(name, element)
  }
}

/** Loads a part once; rejects when it does not come, and then tries anew when it is asked again. */
export function loadPart(name: PartName): Promise<void> {
  return (loads[name] ??= parts[name]().then(
    (part) => register(part.elements),
    (error: unknown) => {
      delete loads[name]
      throw error
    },
  ))
}

const loads: Partial<Record<PartName, Promise<void>>> = {}

/** What is known of a part: its element when it has come. */
export type PartState = HTMLElement | 'loading' | 'failed'

/** The parts of one dashboard: one element of each, kept with what the operator did in it while another is shown. */
export class PartsController implements ReactiveController {
  readonly #host: ReactiveControllerHost
  readonly #states = new Map<PartName, PartState>()

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
  }

  /** Asks once more for those that did not come, when the dashboard is shown anew. */
  hostConnected(): void {
    for (const [name, state] of this.#states) if (state === 'failed') this.#states.delete(name)
  }

  /** The element of a part, which is asked for if nobody has; the host is drawn anew when it has come. */
  get(name: PartName): PartState {
    const known = this.#states.get(name)
    if (known) return known
    void this.load(name)
    return this.#states.get(name) ?? 'loading'
  }

  /** Fetches a part that a click will want, when nothing else is to be done. */
  prefetch(name: PartName): void {
    if (this.#states.has(name)) return
    this.#states.set(name, 'loading')
    const fetch = () => void this.load(name)
    if ('requestIdleCallback' in window) requestIdleCallback(fetch, { timeout: 2_000 })
    else setTimeout(fetch, 200)
  }

  /** The element as soon as it is there; null when it does not come. */
  async load(name: PartName): Promise<HTMLElement | null> {
    const known = this.#states.get(name)
    if (known instanceof HTMLElement) return known
    this.#show(name, 'loading')
    try {
      await loadPart(name)
      const element = this.#states.get(name)
      if (element instanceof HTMLElement) return element
      return this.#show(name, document.createElement(name))
    } catch {
      this.#show(name, 'failed')
      return null
    }
  }

  #show<S extends PartState>(name: PartName, state: S): S {
    this.#states.set(name, state)
    this.#host.requestUpdate()
    return state
  }
}
