import type { ListState } from '@taskloom/client'
import { isRetryable, type SortField, type SortOrder, type TaskSummary } from '@taskloom/protocol'
import { html, LitElement, nothing } from 'lit'
import { property, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { request } from '../events.ts'
import type { Formats } from '../format.ts'
import { icon } from '../icons.ts'
import { base, buttons, chips, inputs, tables } from '../styles/controls.ts'
import { ClockController } from '../ticker.ts'
import { flashRows } from './flash.ts'
import { tableStyles } from './table-styles.ts'
import { taskRow } from './task-row.ts'

interface Column {
  readonly name: string
  readonly word: string
  readonly sort: SortField | null
  readonly isNumber?: true
}

const columns: readonly Column[] = [
  { name: 'status', word: 'Status', sort: 'status' },
  { name: 'function', word: 'Function', sort: 'func_name' },
  { name: 'id', word: 'ID', sort: null },
  { name: 'queue', word: 'Queue', sort: null },
  { name: 'retries', word: 'Retries', sort: 'retries_used' },
  { name: 'duration', word: 'Duration', sort: 'duration', isNumber: true },
  { name: 'created', word: 'Created', sort: 'created_at', isNumber: true },
  { name: 'error', word: 'Error', sort: null },
]

/**
 * The rows of a page. While the pointer or the keyboard's focus is on them it asks to hold: nothing then moves under the
 * hand. One row is in the tab order; `j`, `k` and the arrows move on, Enter opens, `x` selects, `r` retries, `c` cancels.
 */
export class TaskTable extends LitElement {
  @property({ attribute: false }) list!: ListState
  @property() sort: SortField = 'created_at'
  @property() order: SortOrder = 'desc'
  @property({ attribute: false }) selectedIds: ReadonlySet<string> = new Set()
  @property({ attribute: false }) flashedIds: ReadonlySet<string> = new Set()
  /** Tasks for which a command is on its way. */
  @property({ attribute: false }) busyIds: ReadonlySet<string> = new Set()
  @property() openId: string | null = null
  /** p95 per function, milliseconds. */
  @property({ attribute: false }) p95s: ReadonlyMap<string, number> = new Map()
  @property({ attribute: false }) actions: ReadonlySet<string> = new Set()
  @property({ type: Boolean }) isPaused = false
  @property({ attribute: false }) formats!: Formats
  @state() private currentId: string | null = null
  readonly #clock = new ClockController(this, () => this.#needsClock())
  readonly #flash = flashRows()
  #holds = new Set<'pointer' | 'focus'>()

  static override styles = [base, buttons, chips, inputs, tables, tableStyles]

  override disconnectedCallback() {
    super.disconnectedCallback()
    this.#holds = new Set()
  }

  override render() {
    const { tasks } = this.list
    const current = tasks.some(({ taskId }) => taskId === this.currentId) ? this.currentId : tasks[0]?.taskId
    return html`
      <table part="table" role="grid" aria-label="Tasks" aria-busy=${this.list.phase === 'loading' ? 'true' : 'false'}>
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col" data-column="check" ?hidden=${!this.#canSelect}>
              ${this.#pageCheckbox()}
            </th>
            ${columns.map((column) => this.#renderHead(column))}
          </tr>
        </thead>
        <tbody
          role="rowgroup"
          @click=${this.#onClick}
          @change=${this.#onCheck}
          @keydown=${this.#onKey}
          @pointerenter=${() => this.#hold('pointer', true)}
          @pointerleave=${() => this.#hold('pointer', false)}
          @focusin=${this.#onFocus}
          @focusout=${this.#onBlur}
        >
          ${repeat(
            tasks,
            ({ taskId }) => taskId,
            (task) =>
              taskRow(task, {
                formats: this.formats,
                now: this.#clock.now,
                p95Ms: this.p95s.get(task.funcName) ?? null,
                isSelected: this.selectedIds.has(task.taskId),
                isOpen: task.taskId === this.openId,
                isBusy: this.busyIds.has(task.taskId),
                isCurrent: task.taskId === current,
                canSelect: this.#canSelect,
              }),
          )}
        </tbody>
      </table>
    `
  }

  override updated(changed: Map<PropertyKey, unknown>) {
    if (changed.has('list')) this.#flash(this.renderRoot, this.list.tasks, this.flashedIds)
  }

  /** Focuses the row `step` away from the current one; from outside the table, the current one itself. */
  moveFocus(step: number): void {
    const rows = this.#rows
    if (rows.length === 0) return
    const focused = rows.findIndex((row) => row.matches(':focus'))
    const start = Math.max(
      0,
      rows.findIndex((row) => row.tabIndex === 0),
    )
    const next = focused < 0 ? start : Math.max(0, Math.min(rows.length - 1, focused + step))
    this.currentId = rows[next]?.dataset['taskId'] ?? null
    rows[next]?.focus()
  }

  /** Focuses the row of a task, where there is one. */
  focusRow(taskId: string): void {
    const row = this.#rows.find(({ dataset }) => dataset['taskId'] === taskId)
    if (row) this.currentId = taskId
    row?.focus()
  }

  get #rows(): readonly HTMLElement[] {
    return [...this.renderRoot.querySelectorAll<HTMLElement>('tr[data-task-id]')]
  }

  get #canSelect(): boolean {
    return this.actions.has('bulk_retry')
  }

  #renderHead({ name, word, sort, isNumber }: Column) {
    const isSorted = sort !== null && sort === this.sort
    const direction = this.order === 'asc' ? 'ascending' : 'descending'
    return html`
      <th
        role="columnheader"
        scope="col"
        data-column=${name}
        class=${isNumber ? 'num' : ''}
        aria-sort=${isSorted ? direction : nothing}
      >
        ${
          sort === null
            ? word
            : html`<button type="button" @click=${() => this.#sortBy(sort)}>
                ${word}${isSorted ? icon(this.order === 'asc' ? 'sortUp' : 'sortDown') : nothing}
              </button>`
        }
      </th>
    `
  }

  #pageCheckbox() {
    const ids = this.list.tasks.map(({ taskId }) => taskId)
    const chosen = ids.filter((id) => this.selectedIds.has(id)).length
    return html`<input
      type="checkbox"
      aria-label="Select all on this page"
      .checked=${ids.length > 0 && chosen === ids.length}
      .indeterminate=${chosen > 0 && chosen < ids.length}
      @change=${(event: Event) =>
        request(this, 'request-select', { taskIds: ids, isSelected: (event.target as HTMLInputElement).checked })}
    />`
  }

  #sortBy(sort: SortField): void {
    const order: SortOrder = sort === this.sort ? (this.order === 'desc' ? 'asc' : 'desc') : firstOrder(sort)
    request(this, 'request-view', { sort, order })
  }

  /** Spans below a minute and running tasks change every second, the rest twice a minute; a paused page stands still. */
  #needsClock(): boolean {
    if (this.isPaused) return false
    const now = this.#clock.now
    const isLively = ({ status, createdAt, runAt }: TaskSummary) =>
      status === 'running' || now - createdAt < 60_000 || (runAt !== null && runAt > now - 2_000)
    return Math.floor(now / 1_000) % 30 === 0 || this.list.tasks.some(isLively)
  }

  readonly #onClick = (event: MouseEvent): void => {
    const target = event.target as Element
    const taskId = idOf(event)
    if (taskId === null || target.closest('task-copy-button, [data-column="check"]')) return
    if (hasSelectedText()) return
    this.currentId = taskId
    request(this, 'request-open', { taskId })
  }

  readonly #onCheck = (event: Event): void => {
    const taskId = idOf(event)
    if (taskId === null) return
    request(this, 'request-select', { taskIds: [taskId], isSelected: (event.target as HTMLInputElement).checked })
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const taskId = idOf(event)
    const task = this.list.tasks.find((candidate) => candidate.taskId === taskId)
    if (!task || event.ctrlKey || event.metaKey || event.altKey || !(event.target as Element).matches('tr')) return
    if (!this.#answerKey(event.key, task)) return
    event.preventDefault()
    event.stopPropagation()
  }

  #answerKey(key: string, task: TaskSummary): boolean {
    const { taskId } = task
    switch (key) {
      case 'ArrowDown':
      case 'j':
        this.moveFocus(1)
        return true
      case 'ArrowUp':
      case 'k':
        this.moveFocus(-1)
        return true
      case 'Home':
        this.moveFocus(-this.list.tasks.length)
        return true
      case 'End':
        this.moveFocus(this.list.tasks.length)
        return true
      case 'Enter':
        request(this, 'request-open', { taskId })
        return true
      case 'x':
        if (this.#canSelect) {
          request(this, 'request-select', { taskIds: [taskId], isSelected: !this.selectedIds.has(taskId) })
        }
        return true
      case 'r':
        if (isRetryable(task.status) && this.actions.has('retry'))
          request(this, 'request-intent', { verb: 'retry', taskId })
        return true
      case 'c':
        if ((task.status === 'pending' || task.status === 'running') && this.actions.has('cancel')) {
          request(this, 'request-intent', { verb: 'cancel', taskId })
        }
        return true
      default:
        return false
    }
  }

  readonly #onFocus = (event: FocusEvent): void => {
    this.currentId = idOf(event)
    if ((event.target as Element).matches(':focus-visible')) this.#hold('focus', true)
  }

  readonly #onBlur = (event: FocusEvent): void => {
    const next = event.relatedTarget
    if (!(next instanceof Element && next.closest('tbody'))) this.#hold('focus', false)
  }

  #hold(why: 'pointer' | 'focus', isHeld: boolean): void {
    const wasHeld = this.#holds.size > 0
    if (isHeld) this.#holds.add(why)
    else this.#holds.delete(why)
    const isNowHeld = this.#holds.size > 0
    if (isNowHeld !== wasHeld) request(this, 'request-hold', { isHeld: isNowHeld })
  }
}

/** Names read best from A; times and counts from the newest and largest. */
function firstOrder(sort: SortField): SortOrder {
  return sort === 'func_name' || sort === 'status' ? 'asc' : 'desc'
}

function idOf(event: Event): string | null {
  return (event.target as Element).closest<HTMLElement>('tr[data-task-id]')?.dataset['taskId'] ?? null
}

/** Whoever marks text with the mouse wants to copy it, not to open the row. */
function hasSelectedText(): boolean {
  const selection = document.getSelection()
  return selection !== null && selection.type === 'Range' && selection.toString().trim() !== ''
}
