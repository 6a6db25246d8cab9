import { canDo } from '@taskloom/client'
import { serverRoutes, type BulkBegun, type OperationView } from '@taskloom/protocol'
import { html, nothing, svg, type PropertyValues } from 'lit'
import { repeat } from 'lit/directives/repeat.js'
import { request, type BulkAsk } from '../events.ts'
import { icon } from '../icons.ts'
import { PartElement } from '../part-element.ts'
import { ClockController } from '../ticker.ts'
import { isComing, isUnfinished, OperationFeed } from './feed.ts'
import { trayStyles } from './tray-styles.ts'
import { comingWords, doingWords, finishedWords } from './words.ts'

/** So long something can be undone. */
const undoSeconds = 10
const staysMs = 8_000
const shownMost = 4
const knownItems = 200

/**
 * What goes on in the background: a countdown with Undo before something is deleted or called off, then how far it is, then
 * what came of it. What was begun before the page was loaded is found again.
 */
export class OperationTray extends PartElement {
  readonly #feed = new OperationFeed(this, () => this.context.client)
  readonly #clock = new ClockController(this, () => this.#shown().length > 0)
  /** The rows of an operation, as far as they are known here. */
  readonly #rows = new Map<string, readonly string[]>()
  /** Operations that were seen while they went on. */
  readonly #followed = new Set<string>()
  readonly #dismissed = new Set<string>()
  /** When the page first saw that it had ended. */
  readonly #endedAt = new Map<string, number>()
  #hint = -1
  #goingIds = ''

  static override styles = trayStyles

  /** Begins something. */
  use(subject: unknown): void {
    const ask = subject as BulkAsk
    const { action, target, reason, perSecond, shownIds } = ask
    const taskIds = 'taskIds' in target ? target.taskIds : []
    const canBeUndone = action === 'delete' || action === 'cancel'
    const command = {
      route: serverRoutes.bulk,
      action: taskIds.length === 1 || action === 'run_now' ? action : (`bulk_${action}` as const),
      body: {
        action,
        ...('taskIds' in target ? { task_ids: taskIds } : { filter: target.filter }),
        ...(canBeUndone ? { delay: undoSeconds } : {}),
        ...(perSecond ? { per_second: perSecond } : {}),
        ...(reason ? { reason } : {}),
      },
      key: `${action}:${taskIds.length === 1 ? taskIds[0] : 'bulk'}`,
      done: null,
      hints: ['operations'],
      taskIds,
    } as const
    request(this, 'request-command', {
      command,
      settle: (answer) => this.#follow(answer as BulkBegun | null, shownIds),
    })
  }

  override willUpdate() {
    const { operations: hint } = this.state.hints
    if (hint !== this.#hint) {
      if (this.#hint < 0) void this.#feed.look()
      else this.#feed.lookSoon()
      this.#hint = hint
    }
    for (const operation of this.#feed.operations) this.#notice(operation)
  }

  override render() {
    return html`<div class="unseen" role="status">${this.#announced()}</div>
      <ul aria-label=${this.formats.say('Operations')}>
        ${repeat(
          this.#shown(),
          ({ operationId }) => operationId,
          (operation) =>
            html`<li part="operation" class=${this.#toneOf(operation)}>${this.#renderCard(operation)}</li>`,
        )}
      </ul>`
  }

  override updated(changed: PropertyValues<this>) {
    super.updated(changed)
    const going = this.#feed.operations.filter((operation) => isGoing(operation))
    const taskIds = going.flatMap(({ operationId }) => this.#rows.get(operationId) ?? [])
    const key = taskIds.join(' ')
    if (key === this.#goingIds) return
    this.#goingIds = key
    request(this, 'request-going', { taskIds })
  }

  #follow(answer: BulkBegun | null, shownIds: readonly string[]): void {
    if (!answer?.operationId) return
    this.#followed.add(answer.operationId)
    this.#rows.set(answer.operationId, shownIds)
    void this.#feed.look()
  }

  #notice(operation: OperationView): void {
    const { operationId } = operation
    if (isUnfinished(operation)) {
      this.#followed.add(operationId)
      if (isGoing(operation) && !this.#rows.has(operationId)) void this.#findRows(operationId)
    } else if (this.#followed.has(operationId) && !this.#endedAt.has(operationId)) {
      this.#endedAt.set(operationId, Date.now())
    }
  }

  async #findRows(operationId: string): Promise<void> {
    this.#rows.set(operationId, [])
    try {
      const params = new URLSearchParams({ outcome: 'waiting', limit: String(knownItems) })
      const { items } = await this.context.client.ask(serverRoutes.operationItems, { at: { id: operationId }, params })
      this.#rows.set(
        operationId,
        items.map(({ taskId }) => taskId),
      )
      this.requestUpdate()
    } catch {
      // The rows then look as ever until they are gone.
    }
  }

  #shown(): readonly OperationView[] {
    return this.#feed.operations.filter((operation) => this.#isShown(operation)).slice(0, shownMost)
  }

  #isShown(operation: OperationView): boolean {
    const { operationId } = operation
    if (!this.#followed.has(operationId) || this.#dismissed.has(operationId)) return false
    const endedAt = this.#endedAt.get(operationId)
    if (endedAt === undefined || hasTrouble(operation) || this.#clock.now - endedAt < staysMs) return true
    // Nothing leaves from under the hand.
    return this.matches(':hover, :focus-within')
  }

  #toneOf(operation: OperationView): string {
    if (isUnfinished(operation)) return ''
    return operation.status === 'failed' ? 'failed' : hasTrouble(operation) ? 'warning' : 'done'
  }

  #renderCard(operation: OperationView) {
    if (isComing(operation)) return this.#renderComing(operation)
    return isUnfinished(operation) ? this.#renderRunning(operation) : this.#renderEnded(operation)
  }

  #renderComing(operation: OperationView) {
    const { say } = this.formats
    const { action, total, isCollected, operationId } = operation
    const left = this.#secondsLeft(operation)
    return html`
      <span class="ring" aria-hidden="true">${ring(left / undoSeconds)}<b>${left}</b></span>
      <p>${isCollected || total > 0 ? comingWords(action, total, this.formats) : say('Counting the tasks')}</p>
      ${
        canDo(this.state.capabilities, 'bulk_cancel')
          ? html`<button class="btn ink" type="button" data-undo @click=${() => this.#stop(operationId)}>
              ${say('Undo')}
            </button>`
          : nothing
      }
    `
  }

  #renderRunning(operation: OperationView) {
    const { say } = this.formats
    const { operationId, done, total, failed, skipped, isCollected, cancelRequestedAt } = operation
    const share = total === 0 ? 0 : done / total
    return html`
      <div class="going">
        <p>
          ${isCollected ? doingWords(operation, this.formats) : say('Counting the tasks: {total} so far', { total })}
        </p>
        <div
          class="bar"
          role="progressbar"
          aria-label=${say('Progress')}
          aria-valuemin="0"
          aria-valuemax="100"
          aria-valuenow=${Math.floor(share * 100)}
        >
          <i .style=${`inline-size:${share * 100}%`}></i>
        </div>
        <p class="small muted">
          <span>${this.formats.percent(Math.floor(share * 100) / 100)}</span>
          ${failed > 0 ? html`<span class="bad">${say('{n} failed', { n: failed })}</span>` : nothing}
          ${skipped > 0 ? html`<span>${say('{n} skipped', { n: skipped })}</span>` : nothing}
        </p>
      </div>
      ${this.#reportButton(operation)}
      ${
        canDo(this.state.capabilities, 'bulk_cancel')
          ? html`<button
              class="btn"
              type="button"
              ?disabled=${cancelRequestedAt !== null}
              @click=${() => this.#stop(operationId)}
            >
              ${say('Stop')}
            </button>`
          : nothing
      }
    `
  }

  #renderEnded(operation: OperationView) {
    const { say } = this.formats
    return html`
      ${icon(hasTrouble(operation) ? 'alert' : 'check')}
      <div class="going"><p>${this.#endWords(operation)}</p></div>
      ${isUndone(operation) ? nothing : this.#reportButton(operation)}
      <button
        class="btn ghost icon"
        type="button"
        aria-label=${say('Dismiss')}
        @click=${() => this.#dismiss(operation.operationId)}
      >
        ${icon('close')}
      </button>
    `
  }

  #endWords(operation: OperationView): string {
    const { say } = this.formats
    const { status, skipped, failed, error, done, total } = operation
    if (isUndone(operation)) return say('Undone: nothing was changed')
    if (status === 'failed')
      return say('It failed after {done} of {total} tasks: {error}', { done, total, error: error ?? '' })
    const outcome = finishedWords(operation, this.formats)
    if (status === 'cancelled') return say('Stopped after {done} of {total}: {outcome}', { done, total, outcome })
    if (skipped > 0 && failed > 0)
      return say('{outcome}, {skipped} skipped, {failed} failed', { outcome, skipped, failed })
    if (failed > 0) return say('{outcome}, {failed} failed', { outcome, failed })
    return skipped > 0 ? say('{outcome}, {skipped} skipped', { outcome, skipped }) : outcome
  }

  #reportButton({ operationId }: OperationView) {
    return html`<button class="btn" type="button" @click=${() => request(this, 'request-operation', { operationId })}>
      ${this.formats.say('Report')}
    </button>`
  }

  /** Beginnings and ends are said; the numbers between them are there to be looked at. */
  #announced() {
    return this.#shown().map((operation) => {
      const { action, total } = operation
      if (isComing(operation)) return html`<p>${comingWords(action, total, this.formats)}</p>`
      return isUnfinished(operation) ? nothing : html`<p>${this.#endWords(operation)}</p>`
    })
  }

  #secondsLeft({ beginsAt }: OperationView): number {
    const left = Math.ceil(((beginsAt ?? 0) - this.#clock.now) / 1_000)
    return Math.max(0, Math.min(undoSeconds, left))
  }

  #stop(operationId: string): void {
    const command = {
      route: serverRoutes.cancelOperation,
      action: 'bulk_cancel',
      at: { id: operationId },
      key: `stop-operation:${operationId}`,
      done: null,
      hints: ['operations'],
    } as const
    request(this, 'request-command', { command, settle: () => void this.#feed.look() })
  }

  #dismiss(operationId: string): void {
    this.#dismissed.add(operationId)
    this.requestUpdate()
  }
}

/** Whether its tasks are about to be no more. */
function isGoing(operation: OperationView): boolean {
  const isEnding = operation.action === 'delete' || operation.action === 'cancel'
  return isEnding && isUnfinished(operation) && operation.cancelRequestedAt === null
}

function isUndone({ status, done }: OperationView): boolean {
  return status === 'cancelled' && done === 0
}

function hasTrouble({ status, failed, succeeded, skipped }: OperationView): boolean {
  return status === 'failed' || failed > 0 || (status === 'done' && succeeded === 0 && skipped > 0)
}

/** What is left of the time, from the top on. */
function ring(share: number) {
  return svg`<svg viewBox="0 0 28 28"><circle cx="14" cy="14" r="12"/><circle class="left" cx="14" cy="14" r="12"
    pathLength="100" stroke-dasharray="100" stroke-dashoffset=${100 - share * 100}/></svg>`
}

export const elements = { 'task-operation-tray': OperationTray }

declare global {
  interface HTMLElementTagNameMap {
    'task-operation-tray': OperationTray
  }
}
