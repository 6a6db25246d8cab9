import { isAborted, toProblem, type Client } from '@taskloom/client'
import { routes, type AuditSlice, type Problem } from '@taskloom/protocol'
import type { ReactiveController, ReactiveControllerHost } from 'lit'

/** How a check of the whole log stands. */
export type CheckState =
  | { readonly kind: 'none' }
  | { readonly kind: 'running'; readonly checked: number }
  | { readonly kind: 'whole'; readonly checked: number; readonly hash: string }
  | { readonly kind: 'broken'; readonly seq: number; readonly why: NonNullable<AuditSlice['broken']>['why'] }
  | { readonly kind: 'failed'; readonly problem: Problem }

const sliceSize = '5000'

/** Walks through the audit log, slice by slice, until its end or the first entry that is not as it was written. */
export class AuditCheck implements ReactiveController {
  readonly #host: ReactiveControllerHost
  #state: CheckState = { kind: 'none' }
  #abort: AbortController | null = null

  constructor(host: ReactiveControllerHost) {
    this.#host = host
    host.addController(this)
  }

  get state(): CheckState {
    return this.#state
  }

  hostDisconnected(): void {
    this.#abort?.abort()
    if (this.#state.kind === 'running') this.#state = { kind: 'none' }
  }

  async run(client: Client): Promise<void> {
    this.#abort?.abort()
    const controller = new AbortController()
    this.#abort = controller
    try {
      await this.#walk(client, controller.signal)
    } catch (error) {
      if (!controller.signal.aborted && !isAborted(error)) this.#show({ kind: 'failed', problem: toProblem(error) })
    }
  }

  async #walk(client: Client, signal: AbortSignal): Promise<void> {
    let from: number | null = 1
    let checked = 0
    let hash = ''
    while (from !== null) {
      this.#show({ kind: 'running', checked })
      const params = new URLSearchParams({ from: String(from), limit: sliceSize })
      const slice: AuditSlice = await client.ask(routes.verifyAudit, { params, signal })
      if (slice.broken) return this.#show({ kind: 'broken', ...slice.broken })
      checked += slice.checked
      hash = slice.hash || hash
      from = slice.next
    }
    this.#show({ kind: 'whole', checked, hash })
  }

  #show(state: CheckState): void {
    this.#state = state
    this.#host.requestUpdate()
  }
}
