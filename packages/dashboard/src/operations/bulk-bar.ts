import { canDo, canRead, type TaskVerb } from '@taskloom/client'
import { isRetryable, isTerminal, type ActionName, type TaskSummary } from '@taskloom/protocol'
import { css, html, nothing } from 'lit'
import { request, type BulkTarget } from '../events.ts'
import { icon } from '../icons.ts'
import { PartElement } from '../part-element.ts'
import { seldom } from '../seldom.ts'
import { base, buttons } from '../styles/controls.ts'
import { verbIcons, verbOf } from './words.ts'

const needed: readonly (readonly [TaskVerb, ActionName])[] = [
  ['retry', 'bulk_retry'],
  ['run_now', 'run_now'],
  ['cancel', 'bulk_cancel'],
  ['delete', 'bulk_delete'],
]

/** How many tasks are chosen, the way to choose all that match, and what may be done with them. */
export class BulkBar extends PartElement {
  static override styles = [
    base,
    buttons,
    css`
      :host {
        position: sticky;
        inset-block-end: 8px;
        z-index: 2;
      }
      .bulk {
        display: flex;
        flex-wrap: wrap;
        align-items: center;
        gap: 8px;
        min-block-size: 48px;
        padding: 9px 8px 9px 12px;
        background: var(--td-raised);
        border: 1px solid var(--td-line);
        border-radius: var(--td-radius);
        box-shadow: 0 8px 28px rgb(0 0 0 / 0.12);
      }
      .bulk > p {
        margin-inline-end: 4px;
      }
      b {
        font-weight: 560;
      }
      @container (max-width: 700px) {
        .bulk > p,
        .bulk > .all {
          flex: 1 1 100%;
        }
        .spacer {
          display: none;
        }
      }
    `,
  ]

  override render() {
    const { say } = this.formats
    return html`
      <div class="bulk" part="bulk" role="group" aria-label=${say('Chosen tasks')}>
        <p aria-hidden="true"><b>${this.#countWords()}</b></p>
        <span class="unseen" role="status">${seldom(this.#countWords())}</span>
        ${this.#renderSelectAll()} ${needed.map(([verb, action]) => this.#renderVerb(verb, action))}
        <span class="spacer"></span>
        <button class="btn ghost" type="button" @click=${() => request(this, 'request-clear-selection')}>
          ${say('Clear selection')}
        </button>
      </div>
    `
  }

  #countWords(): string {
    const { selectedAll, selectedIds, list } = this.state
    const { say, sayCount, count } = this.formats
    if (selectedAll && list.totalIsCapped) return say('All selected: more than {n}', { n: list.total })
    if (selectedAll) return sayCount(list.total, '{n} matching task selected', 'All {n} matching tasks selected')
    return this.#isWholePage
      ? sayCount(selectedIds.size, '{n} selected on this page', '{n} selected on this page')
      : say('{n} selected', { n: count(selectedIds.size) })
  }

  /** Offered once the page is chosen: who wants some tasks does not want all. */
  #renderSelectAll() {
    const { selectedAll, selectedIds, list } = this.state
    const hasMore = list.totalIsCapped || list.total > selectedIds.size
    if (selectedAll || !this.#isWholePage || !hasMore || !this.#hasOperations) return nothing
    const text = list.totalIsCapped ? 'Select all, more than {n}' : 'Select all {n} matching'
    return html`<button class="btn ghost all" type="button" @click=${() => request(this, 'request-select-all')}>
      ${this.formats.say(text, { n: list.total })}
    </button>`
  }

  get #isWholePage(): boolean {
    const { selectedIds, list } = this.state
    return list.tasks.length > 0 && list.tasks.every(({ taskId }) => selectedIds.has(taskId))
  }

  get #hasOperations(): boolean {
    return canRead(this.state.capabilities, 'operations')
  }

  #renderVerb(verb: TaskVerb, action: ActionName) {
    if (!canDo(this.state.capabilities, action) || (!this.#hasOperations && verb !== 'retry')) return nothing
    if (verb !== 'retry' && !canDo(this.state.capabilities, 'bulk_retry')) return nothing
    const look = verb === 'retry' ? 'ink' : verb === 'delete' ? 'danger' : ''
    const isBusy = this.state.busyActions.has('bulk-retry') || this.state.busyActions.has(`${verb}:bulk`)
    return html`<button
      class="btn ${look}"
      type="button"
      data-verb=${verb}
      ?disabled=${isBusy || !this.#mayMean(verb)}
      @click=${() => this.#ask(verb)}
    >
      ${icon(verbIcons[verb] ?? 'more')}${this.#verbWords(verb)}
    </button>`
  }

  /** Three dots where a question follows. */
  #verbWords(verb: TaskVerb): string {
    const { say } = this.formats
    if (!this.#hasOperations) return say('Retry selected')
    if (verb === 'retry' && this.state.view.tab === 'dead-letters') return say('Replay selected…')
    return say('{verb}…', { verb: verbOf(verb, this.formats) })
  }

  /** False when every task that is chosen is known, and in a status that does not allow it. */
  #mayMean(verb: TaskVerb): boolean {
    const { selectedAll, selectedIds, list } = this.state
    const known = list.tasks.filter(({ taskId }) => selectedAll || selectedIds.has(taskId))
    return selectedAll !== null || known.length < selectedIds.size || known.some((task) => allows(verb, task))
  }

  #ask(verb: TaskVerb): void {
    if (!this.#hasOperations) return request(this, 'request-retry-selected', {})
    const { selectedAll, selectedIds, list } = this.state
    const target: BulkTarget = selectedAll ? { filter: selectedAll } : { taskIds: [...selectedIds] }
    const shown = list.tasks.filter((task) => (selectedAll || selectedIds.has(task.taskId)) && allows(verb, task))
    const subject = { action: verb, target, shownIds: shown.map(({ taskId }) => taskId) }
    request(this, 'request-dialog', { dialog: 'bulk', subject })
  }
}

function allows(verb: TaskVerb, { status }: TaskSummary): boolean {
  if (verb === 'retry') return isRetryable(status)
  if (verb === 'delete') return isTerminal(status)
  return status === 'pending' || (verb === 'cancel' && status === 'running')
}

export const elements = { 'task-bulk-bar': BulkBar }

declare global {
  interface HTMLElementTagNameMap {
    'task-bulk-bar': BulkBar
  }
}
