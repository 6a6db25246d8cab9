import { canDo, type TaskVerb } from '@taskloom/client'
import {
  bulkActions,
  serverRoutes,
  type OperationDetail,
  type OperationItemPage,
  type OperationItemView,
} from '@taskloom/protocol'
import { html, nothing } from 'lit'
import { property, state } from 'lit/decorators.js'
import { request } from '../events.ts'
import { shortId } from '../format.ts'
import { icon } from '../icons.ts'
import { isComing, isUnfinished } from '../operations/feed.ts'
import { filterTexts, reasonWords, verbIcons, verbOf } from '../operations/words.ts'
import { PartElement } from '../part-element.ts'
import { ClockController } from '../ticker.ts'
import { renderAnswer } from './answers.ts'
import { actorWords, progressOf, statusTag } from './operation-marks.ts'
import { operationStyles } from './operation-styles.ts'
import { renderPaging, type Trail } from './paging.ts'
import { Reading } from './reading.ts'

type Outcome = 'failed' | 'skipped' | 'succeeded' | 'waiting'
const outcomes: readonly Outcome[] = ['failed', 'skipped', 'succeeded', 'waiting']
const pageSize = 50
/** As many as one request of a bulk action takes. */
const groupedMost = 500
const whileRunningMs = 1_500

/** One operation: its counts, why tasks were skipped or failed, and what became of each. */
export class OperationReport extends PartElement {
  @property() operationId = ''
  @state() private outcome: Outcome | null = null
  @state() private cursors: Trail = []
  readonly #clock = new ClockController(this, () => !this.state.isPaused)
  readonly #detail: Reading<OperationDetail> = new Reading<OperationDetail>(this, {
    ask: ({ client }, signal) => client.ask(serverRoutes.operation, { at: { id: this.operationId }, signal }),
    about: () => [this.operationId],
    hints: ['operations'],
    everyMs: () => (this.#operation && isUnfinished(this.#operation) ? whileRunningMs : null),
  })
  /** Those that failed or were skipped, to be counted by reason: the first 500 of each. */
  readonly #troubles: Reading<readonly OperationItemView[]> = new Reading<readonly OperationItemView[]>(this, {
    ask: async (_, signal) => {
      const [failed, skipped] = await Promise.all([
        this.#operation?.failed ? this.#askItems('failed', groupedMost, signal) : null,
        this.#operation?.skipped ? this.#askItems('skipped', groupedMost, signal) : null,
      ])
      return [...(failed?.items ?? []), ...(skipped?.items ?? [])]
    },
    about: () => [this.operationId, this.#operation?.failed, this.#operation?.skipped],
    isWanted: () => this.#operation !== null,
  })
  readonly #items: Reading<OperationItemPage> = new Reading<OperationItemPage>(this, {
    ask: (_, signal) => this.#askItems(this.#shownOutcome, pageSize, signal, this.cursors.at(-1)),
    about: () => [this.operationId, this.#shownOutcome, this.cursors.at(-1), this.#operation?.done],
    isWanted: () => this.#operation !== null,
  })

  static override styles = operationStyles

  override willUpdate(changed: Map<PropertyKey, unknown>) {
    if (!changed.has('operationId')) return
    this.outcome = null
    this.cursors = []
  }

  override render() {
    const words = { icon: 'inbox', failed: this.formats.say('The report could not be loaded') } as const
    return renderAnswer(this.#detail, this.formats, words, (operation) =>
      operation.operationId === this.operationId ? this.#renderAll(operation) : nothing,
    )
  }

  get #operation(): OperationDetail | null {
    const { value } = this.#detail
    return value?.operationId === this.operationId ? value : null
  }

  /** What is asked for, else the first kind that there is any of. */
  get #shownOutcome(): Outcome {
    return this.outcome ?? outcomes.find((outcome) => this.#countOf(outcome) > 0) ?? 'succeeded'
  }

  #countOf(outcome: Outcome): number {
    const operation = this.#operation
    if (!operation) return 0
    return outcome === 'waiting' ? Math.max(0, operation.total - operation.done) : operation[outcome]
  }

  async #askItems(outcome: Outcome, limit: number, signal: AbortSignal, cursor?: string): Promise<OperationItemPage> {
    const params = new URLSearchParams({ outcome, limit: String(limit), ...(cursor ? { cursor } : {}) })
    return this.context.client.ask(serverRoutes.operationItems, { at: { id: this.operationId }, params, signal })
  }

  #renderAll(operation: OperationDetail) {
    return html`
      <section class="card summary">
        ${this.#renderHead(operation)} ${progressOf(operation, this.formats)} ${this.#renderFacts(operation)}
        ${operation.error === null ? nothing : html`<p class="error">${icon('alert')}<span>${operation.error}</span></p>`}
      </section>
      ${this.#renderReasons()} ${this.#renderItems()}
    `
  }

  #renderHead(operation: OperationDetail) {
    const { say } = this.formats
    const { action, operationId, cancelRequestedAt } = operation
    const canStop = isUnfinished(operation) && canDo(this.state.capabilities, 'bulk_cancel')
    return html`<header>
      <h3>${icon(verbIcons[action] ?? 'more')}${verbOf(action, this.formats)}</h3>
      ${statusTag(operation, this.#clock.now, this.formats)}
      <span class="mono faint" title=${operationId}>${shortId(operationId)}</span>
      <span class="spacer"></span>
      ${
        canStop
          ? html`<button
              class="btn"
              type="button"
              ?disabled=${cancelRequestedAt !== null}
              @click=${() => this.#stop(operationId)}
            >
              ${icon('stop')}${isComing(operation) ? say('Undo') : say('Stop')}
            </button>`
          : nothing
      }
      ${this.#renderAgain(operation)}
    </header>`
  }

  /** Offered when it has ended: until then those that failed are not all known. */
  #renderAgain(operation: OperationDetail) {
    const { failed } = operation
    const action = bulkActions.find((known) => known === operation.action)
    const taskIds = (this.#troubles.value ?? [])
      .filter(({ outcome }) => outcome === 'failed')
      .map(({ taskId }) => taskId)
    const isOffered = canDo(this.state.capabilities, 'bulk_retry') && action && !isUnfinished(operation)
    if (!isOffered || failed === 0 || taskIds.length === 0) return nothing
    return html`<button class="btn ink" type="button" data-again @click=${() => this.#again(action, taskIds)}>
      ${icon('retry')}${this.formats.sayCount(taskIds.length, 'Try the failed one again…', 'Try the {n} failed ones again…')}
    </button>`
  }

  #renderFacts(operation: OperationDetail) {
    const { formats } = this
    const { say } = formats
    const { filter, reason, createdAt, startedAt, endedAt, perSecond, workerId } = operation
    const facts: readonly (readonly [string, unknown])[] = [
      [
        say('Which tasks'),
        html`<span class="words"
          >${filterTexts(filter, formats).map((text) => html`<span class="tag">${text}</span>`)}</span
        >`,
      ],
      [say('Asked by'), actorWords(operation, formats)],
      [say('Asked at'), formats.instant(createdAt)],
      [say('Took'), startedAt === null ? null : formats.duration((endedAt ?? this.#clock.now) - startedAt)],
      [say('At most'), perSecond ? say('{n} tasks a second', { n: perSecond }) : null],
      [say('Process'), workerId === null ? null : html`<span class="mono">${workerId.slice(0, 120)}</span>`],
      [say('Reason'), reason === null ? null : reason.slice(0, 500)],
    ]
    return html`<dl class="kv">
      ${facts.map(([name, value]) =>
        value === null
          ? nothing
          : html`<div>
              <dt>${name}</dt>
              <dd>${value}</dd>
            </div>`,
      )}
    </dl>`
  }

  #renderReasons() {
    const { say, count, sayCount } = this.formats
    const troubles = this.#troubles.value ?? []
    if (troubles.length === 0) return nothing
    const isCapped = (['failed', 'skipped'] as const).some((outcome) => this.#countOf(outcome) > groupedMost)
    return html`<section class="card reasons">
      <h3>${say('Why')}</h3>
      <ul>
        ${byReason(troubles).map(
          ({ outcome, reason, n }) =>
            html`<li>
              <b class=${outcome === 'failed' ? 'bad' : ''}>${count(n)}</b>
              <span class="tag ${outcome === 'failed' ? 'bad' : ''}">${this.#outcomeWord(outcome as Outcome)}</span>
              <span
                >${outcome === 'failed' ? (reason ?? say('no reason given')) : reasonWords(reason, this.formats)}</span
              >
            </li>`,
        )}
      </ul>
      ${
        isCapped
          ? html`<p class="small faint">
              ${sayCount(groupedMost, 'Of the first {n}.', 'Of the first {n} of each kind.')}
            </p>`
          : nothing
      }
    </section>`
  }

  #renderItems() {
    const { say, count } = this.formats
    const words = { icon: 'inbox', failed: say('The tasks could not be loaded') } as const
    return html`<div class="kinds" role="group" aria-label=${say('What became of the tasks')}>
        ${outcomes.map(
          (outcome) =>
            html`<button
              class="btn ${outcome === this.#shownOutcome ? 'on' : 'ghost'}"
              type="button"
              aria-pressed=${outcome === this.#shownOutcome ? 'true' : 'false'}
              ?disabled=${this.#countOf(outcome) === 0 && outcome !== this.#shownOutcome}
              @click=${() => this.#show(outcome)}
            >
              ${this.#outcomeWord(outcome)}<span class="count">${count(this.#countOf(outcome))}</span>
            </button>`,
        )}
      </div>
      ${renderAnswer(this.#items, this.formats, words, (page) => this.#renderItemPage(page))}`
  }

  #renderItemPage({ items, nextCursor }: OperationItemPage) {
    const { say } = this.formats
    if (items.length === 0) return html`<div class="card"><p class="none muted">${say('None of these.')}</p></div>`
    return html`<div class="card">
        <table aria-label=${say('Tasks of the operation')}>
          <thead>
            <tr>
              <th scope="col" class="id-head">${say('Task')}</th>
              <th scope="col">${say('Why')}</th>
              <th scope="col" class="id-head">${say('New task')}</th>
              <th scope="col" class="num when">${say('When')}</th>
            </tr>
          </thead>
          <tbody>
            ${items.map((item) => this.#renderItem(item))}
          </tbody>
        </table>
      </div>
      ${this.cursors.length > 0 || nextCursor !== null ? this.#renderFoot(nextCursor) : nothing}`
  }

  #renderItem({ taskId, newTaskId, reason, outcome, at }: OperationItemView) {
    const { formats } = this
    return html`<tr>
      <td>${this.#taskLink(taskId)}</td>
      <td class=${outcome === 'failed' ? 'bad' : 'muted'}>
        ${outcome === 'skipped' ? reasonWords(reason, formats) : (reason ?? '').slice(0, 300)}
      </td>
      <td>${newTaskId === null ? nothing : this.#taskLink(newTaskId)}</td>
      <td class="num muted">
        ${at === null ? '—' : html`<time title=${formats.instant(at)}>${formats.time(at)}</time>`}
      </td>
    </tr>`
  }

  #taskLink(taskId: string) {
    return html`<button
      class="link mono"
      type="button"
      title=${taskId}
      @click=${() => request(this, 'request-open', { taskId })}
    >
      ${shortId(taskId)}
    </button>`
  }

  #renderFoot(nextCursor: string | null) {
    const { say } = this.formats
    const words = { back: say('Previous'), on: say('Next') }
    return renderPaging(this.cursors, nextCursor, words, (cursors) => (this.cursors = cursors))
  }

  #outcomeWord(outcome: Outcome): string {
    const { say } = this.formats
    switch (outcome) {
      case 'failed':
        return say('Failed')
      case 'skipped':
        return say('Skipped')
      case 'succeeded':
        return say('Succeeded')
      case 'waiting':
        return say('Not done')
    }
  }

  #show(outcome: Outcome): void {
    this.outcome = outcome
    this.cursors = []
  }

  #again(action: TaskVerb, taskIds: readonly string[]): void {
    request(this, 'request-dialog', { dialog: 'bulk', subject: { action, target: { taskIds }, shownIds: [] } })
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
    request(this, 'request-command', { command })
  }
}

/** How many for each reason, the most frequent first; failures before what was skipped. */
function byReason(items: readonly OperationItemView[]) {
  const groups = new Map<string, { outcome: string; reason: string | null; n: number }>()
  for (const { outcome, reason } of items) {
    const key = JSON.stringify([outcome, reason])
    const group = groups.get(key) ?? { outcome, reason, n: 0 }
    groups.set(key, { ...group, n: group.n + 1 })
  }
  return [...groups.values()].sort((a, b) => a.outcome.localeCompare(b.outcome) || b.n - a.n)
}

declare global {
  interface HTMLElementTagNameMap {
    'task-operation-report': OperationReport
  }
}
