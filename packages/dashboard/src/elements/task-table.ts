import type { Conflict, ListState } from '@taskloom/client'
import { isRetryable, type SortField, type SortOrder, type TaskSummary } from '@taskloom/protocol'
import { html, LitElement, nothing } from 'lit'
import { property, state } from 'lit/decorators.js'
import { guard } from 'lit/directives/guard.js'
import { repeat } from 'lit/directives/repeat.js'
import { request } from '../events.ts'
import type { Formats } from '../format.ts'
import { icon } from '../icons.ts'
import { base, buttons, chips, inputs, tables } from '../styles/controls.ts'
import { ClockController } from '../ticker.ts'
import { usualColumns, type Column } from './columns.ts'
import { flashRows } from './flash.ts'
import { tableStyles } from './table-styles.ts'
import { assignSlots, type RowSlots } from './row-slots.ts'
import { taskRow, type RowLook, type RowNote } from './task-row.ts'

/**
 * The rows of a page. While the pointer or the keyboard's focus is on them it asks to hold: nothing then moves under the
 * hand. One row is in the tab order; `j`, `k` and the arrows move on, Enter opens, `x` selects, with Shift a range, `r` retries, `c` cancels.
 */
export class TaskTable extends LitElement {
  @property({ attribute: false }) list!: ListState
  @property({ attribute: false }) columns: readonly Column[] = usualColumns()
  /** Whether the operator chose the columns: then none leaves by itself. */
  @property({ type: Boolean, reflect: true }) chosen = false
  /** What the page says beside the name of a function, by function. */
  @property({ attribute: false }) formatters: Readonly<Record<string, { readonly note?: RowNote | undefined }>> = {}
  @property() sort: SortField = 'created_at'
  @property() order: SortOrder = 'desc'
  @property({ attribute: false }) selectedIds: ReadonlySet<string> = new Set()
  @property({ attribute: false }) flashedIds: ReadonlySet<string> = new Set()
  /** Tasks that are about to be deleted or called off. */
  @property({ attribute: false }) goingIds: ReadonlySet<string> = new Set()
  /** What was in the way of the last command on a task. */
  @property({ attribute: false }) conflicts: ReadonlyMap<string, Conflict> = new Map()
  /** Tasks for which a command is on its way. */
  @property({ attribute: false }) busyIds: ReadonlySet<string> = new Set()
  @property() openId: string | null = null
  /** p95 per function, milliseconds. */
  @property({ attribute: false }) p95s: ReadonlyMap<string, number> = new Map()
  @property({ attribute: false }) actions: ReadonlySet<string> = new Set()
  @property({ type: Boolean }) isPaused = false
  /** How many rows are drawn, from the first on; default all. */
  @property({ attribute: false }) most = Infinity
  @property({ attribute: false }) formats!: Formats
  @state() private currentId: string | null = null
  @state() private pointedId: string | null = null
  readonly #clock = new ClockController(this, () => this.#needsClock())
  readonly #flash = flashRows()
  #slots: RowSlots = new Map()
  #holds = new Set<'pointer' | 'focus'>()
  /** Where a range begins: the row that was chosen last. */
  #anchorId: string | null = null

  static override styles = [base, buttons, chips, inputs, tables, tableStyles]

  override disconnectedCallback() {
    super.disconnectedCallback()
    this.#holds = new Set()
  }

  override render() {
    const { tasks } = this.list
    const current = tasks.some(({ taskId }) => taskId === this.currentId) ? this.currentId : tasks[0]?.taskId
    return html`
      <table
        part="table"
        role="grid"
        aria-label=${this.formats.say('Tasks')}
        .style=${`min-inline-size:${this.chosen ? leastWidth(this.columns) : 0}px`}
        aria-busy=${this.list.phase === 'loading' ? 'true' : 'false'}
      >
        <thead role="rowgroup">
          <tr role="row">
            <th role="columnheader" scope="col" data-column="check" ?hidden=${!this.#canSelect}>
              ${this.#pageCheckbox()}
            </th>
            ${this.columns.map((column) => this.#renderHead(column))}
          </tr>
        </thead>
        <tbody
          role="rowgroup"
          @click=${this.#onClick}
          @keydown=${this.#onKey}
          @pointerenter=${() => this.#hold('pointer', true)}
          @pointerleave=${this.#onLeave}
          @pointerover=${(event: Event) => (this.pointedId = idOf(event))}
          @focusin=${this.#onFocus}
          @focusout=${this.#onBlur}
        >
          ${repeat(
            tasks.slice(0, this.most),
            ({ taskId }) => this.#slots.get(taskId) ?? taskId,
            (task) => this.#renderRow(task, task.taskId === current),
          )}
        </tbody>
      </table>
    `
  }

  /** A row is drawn anew when something that it shows is another. */
  #renderRow(task: TaskSummary, isCurrent: boolean) {
    const now = this.#clock.now
    const look: RowLook = {
      columns: this.columns,
      formats: this.formats,
      now,
      p95Ms: this.p95s.get(task.funcName) ?? null,
      isSelected: this.selectedIds.has(task.taskId),
      isGoing: this.goingIds.has(task.taskId),
      conflict: this.conflicts.get(task.taskId) ?? null,
      isOpen: task.taskId === this.openId,
      isBusy: this.busyIds.has(task.taskId),
      isCurrent,
      isPointedAt: task.taskId === this.pointedId,
      canSelect: this.#canSelect,
      note: this.formatters[task.funcName]?.note ?? null,
    }
    const beat = Math.floor(now / (isLively(task, now) ? 1_000 : calmMs))
    // Another answer brings other objects; what is in them tells whether the row is another.
    return guard([JSON.stringify(task), ...Object.values({ ...look, now: beat })], () => taskRow(task, look))
  }

  override willUpdate(changed: Map<PropertyKey, unknown>) {
    if (!changed.has('list')) return
    const ids = this.list.tasks.map(({ taskId }) => taskId)
    this.#slots = assignSlots(this.#slots, ids, this.currentId)
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
    return ['bulk_retry', 'bulk_cancel', 'bulk_delete'].some((action) => this.actions.has(action))
  }

  #renderHead({ name, word, sort, width, isNumber, render }: Column) {
    const words = render ? word : this.formats.say(word)
    const isSorted = sort !== null && sort === this.sort
    const direction = this.order === 'asc' ? 'ascending' : 'descending'
    return html`
      <th
        role="columnheader"
        scope="col"
        data-column=${name}
        class=${isNumber ? 'num' : ''}
        .style=${width === null ? '' : `inline-size:${width}px`}
        aria-sort=${isSorted ? direction : nothing}
      >
        ${
          sort === null
            ? words
            : html`<button type="button" @click=${() => this.#sortBy(sort)}>
                ${words}${isSorted ? icon(this.order === 'asc' ? 'sortUp' : 'sortDown') : nothing}
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
      aria-label=${this.formats.say('Select all on this page')}
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
    return Math.floor(now / 1_000) % (calmMs / 1_000) === 0 || this.list.tasks.some((task) => isLively(task, now))
  }

  readonly #onClick = (event: MouseEvent): void => {
    const target = event.target as Element
    if (target.matches('input[type="checkbox"]')) return this.#onCheck(event)
    const taskId = idOf(event)
    const term = target.closest<HTMLElement>('[data-term]')?.dataset['term']
    if (term !== undefined) return request(this, 'request-narrow', { term })
    if (taskId === null || target.closest('task-copy-button, [data-column="check"]')) return
    if (hasSelectedText()) return
    this.currentId = taskId
    request(this, 'request-open', { taskId })
  }

  /** The row of a click on a checkbox, and those up to the one before when Shift is held. */
  readonly #onCheck = (event: MouseEvent): void => {
    const taskId = idOf(event)
    const box = event.target
    if (taskId === null || !(box instanceof HTMLInputElement)) return
    this.#choose(taskId, box.checked, event.shiftKey)
    // A state that is as it was draws nothing: the box says what is chosen, not what was clicked.
    this.requestUpdate()
  }

  #choose(taskId: string, isSelected: boolean, isRange: boolean): void {
    const ids = this.list.tasks.map((task) => task.taskId)
    const [from, to] = [ids.indexOf(this.#anchorId ?? ''), ids.indexOf(taskId)].sort((a, b) => a - b) as [
      number,
      number,
    ]
    const taskIds = isRange && from >= 0 ? ids.slice(from, to + 1) : [taskId]
    this.#anchorId = taskId
    request(this, 'request-select', { taskIds, isSelected })
  }

  readonly #onKey = (event: KeyboardEvent): void => {
    const taskId = idOf(event)
    const task = this.list.tasks.find((candidate) => candidate.taskId === taskId)
    if (!task || event.altKey || !(event.target as Element).matches('tr')) return
    if (event.ctrlKey || event.metaKey) return this.#onChord(event)
    if (!this.#answerKey(event.key, task)) return
    event.preventDefault()
    event.stopPropagation()
  }

  /** Ctrl or ⌘ with A chooses the rows of the page. */
  #onChord(event: KeyboardEvent): void {
    if (event.key !== 'a' || !this.#canSelect) return
    event.preventDefault()
    request(this, 'request-select', { taskIds: this.list.tasks.map(({ taskId }) => taskId), isSelected: true })
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
      case 'o':
        request(this, 'request-open', { taskId })
        return true
      case 'x':
      case 'X':
        if (this.#canSelect) this.#choose(taskId, key === 'X' || !this.selectedIds.has(taskId), key === 'X')
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

  readonly #onLeave = (): void => {
    this.pointedId = null
    this.#hold('pointer', false)
  }

  #hold(why: 'pointer' | 'focus', isHeld: boolean): void {
    const wasHeld = this.#holds.size > 0
    if (isHeld) this.#holds.add(why)
    else this.#holds.delete(why)
    const isNowHeld = this.#holds.size > 0
    if (isNowHeld !== wasHeld) request(this, 'request-hold', { isHeld: isNowHeld })
  }
}

/** How often what is long ago is said anew. */
const calmMs = 30_000

function isLively({ status, createdAt, endTime, runAt }: TaskSummary, now: number): boolean {
  const last = Math.max(createdAt, endTime ?? 0)
  return status === 'running' || now - last < 60_000 || (runAt !== null && runAt > now - 2_000)
}

/** Columns that nobody else chose take what they need, and the table is scrolled. */
function leastWidth(columns: readonly Column[]): number {
  return columns.reduce((sum, { width }) => sum + (width ?? 240), 38)
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
