import { canDo, canRead, type WordTable } from '@taskloom/client'
import { routes, taskStatuses, type QueueView, type TaskStatus } from '@taskloom/protocol'
import { html, nothing } from 'lit'
import { state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { ConfirmDialog, type ConfirmQuestion, type ConfirmResult } from '../elements/confirm-dialog.ts'
import { request } from '../events.ts'
import { sparkline, stackBar } from '../figures/marks.ts'
import { renderHeads, renderSortMenu, sortRows, type Sorting } from '../figures/sorting.ts'
import { icon, type IconName } from '../icons.ts'
import { PartElement } from '../part-element.ts'
import { ClockController } from '../ticker.ts'
import { renderAnswer } from './answers.ts'
import { Locks } from './locks.ts'
import { PointerOn } from './pointer-on.ts'
import { queueCommand, queueQuestion, type QueueVerb } from './queue-questions.ts'
import { limitWords, queueColumns, queueRows, type QueueRow } from './queue-rows.ts'
import { queueStyles } from './queue-styles.ts'
import { Reading } from './reading.ts'
import { screenStyles } from './screen-styles.ts'

const refreshMs = 10_000
const shownMost = 500
const countWords = {
  pending: '{n} pending',
  running: '{n} running',
  success: '{n} succeeded',
  failed: '{n} failed',
  interrupted: '{n} interrupted',
  cancelled: '{n} cancelled',
} as const satisfies WordTable

/** What waits where, for how long, and what holds it up. */
export class Queues extends PartElement {
  @state() private find = ''
  @state() private sorting: Sorting = { by: 'depth', isDescending: true }
  @state() private asked: {
    readonly verb: QueueVerb
    readonly rows: readonly QueueRow[]
    readonly question: ConfirmQuestion
  } | null = null
  /** How long the oldest task of each queue waited when it was looked at before the last time. */
  #before: ReadonlyMap<string, number> = new Map()
  /** The names in the order in which they stand: it stays while the pointer is on them. */
  #places: readonly string[] = []
  readonly #pointer = new PointerOn(this)
  readonly #clock = new ClockController(this, () => !this.state.isPaused)
  readonly #queues: Reading<readonly QueueView[]> = new Reading(this, {
    hints: ['queues'],
    everyMs: () => refreshMs,
    ask: async ({ client }, signal) => {
      const last = this.#queues.value ?? []
      const views = await client.ask(routes.queues, { signal })
      this.#before = new Map(last.flatMap(({ queue, oldestWait }) => (oldestWait == null ? [] : [[queue, oldestWait]])))
      return views
    },
  })

  static override styles = [...screenStyles, queueStyles]

  override render() {
    const { say } = this.formats
    const words = { icon: 'inbox', failed: say('The queues could not be loaded') } as const
    return html`
      ${renderAnswer(this.#queues, this.formats, words, (views) => this.#renderQueues(views))}
      ${canRead(this.state.capabilities, 'locks') ? html`<task-locks .context=${this.context}></task-locks>` : nothing}
      <task-confirm-dialog
        .question=${this.asked?.question ?? null}
        @confirm-result=${this.#onAnswer}
      ></task-confirm-dialog>
    `
  }

  #renderQueues(views: readonly QueueView[]) {
    const { say } = this.formats
    const all = queueRows(views, this.#before)
    if (all.length === 0) {
      return html`<div class="card">
        <task-notice
          icon="inbox"
          heading=${say('No queues yet')}
          text=${say('A queue appears here as soon as a function uses it or a task waits in it.')}
        ></task-notice>
      </div>`
    }
    const wanted = this.find.trim().toLowerCase()
    const columns = queueColumns(this.formats)
    const found = this.#inOrder(
      all.filter(({ name }) => name.toLowerCase().includes(wanted)),
      columns,
    )
    const onSort = (sorting: Sorting) => {
      this.#places = []
      this.sorting = sorting
    }
    return html`
      <div class="bar">
        <input
          class="text find"
          type="search"
          aria-label=${say('Find a queue')}
          placeholder=${say('Find a queue')}
          .value=${this.find}
          @input=${(event: Event) => (this.find = (event.target as HTMLInputElement).value)}
        />
        ${renderSortMenu(columns, this.sorting, onSort, this.formats)}
        <span class="muted" role="status">${this.#countWords(all, found)}</span>
        <span class="spacer"></span>
        ${canDo(this.state.capabilities, 'queue_pause') ? this.#renderAll(found) : nothing}
      </div>
      <div class="card">
        ${
          found.length === 0
            ? html`<task-notice icon="search" heading=${say('No queue has this name')}></task-notice>`
            : this.#renderTable(found, columns, onSort)
        }
      </div>
    `
  }

  #inOrder(rows: readonly QueueRow[], columns: ReturnType<typeof queueColumns>): readonly QueueRow[] {
    const sorted = sortRows(rows, columns, this.sorting)
    const places = this.#pointer.isOn ? this.#places : []
    const stay = places.flatMap((place) => sorted.find(({ name }) => name === place) ?? [])
    const ordered = [...stay, ...sorted.filter((row) => !stay.includes(row))]
    this.#places = ordered.map(({ name }) => name)
    return ordered
  }

  #countWords(all: readonly QueueRow[], found: readonly QueueRow[]): string {
    const { say, sayCount } = this.formats
    const total = sayCount(all.length, '{n} queue', '{n} queues')
    const paused = all.filter(({ isPaused }) => isPaused).length
    if (found.length < all.length) return say('{n} of {total}', { n: found.length, total })
    return paused > 0 ? say('{total}, {n} paused', { total, n: paused }) : total
  }

  /** Pause and resume of all that are found. */
  #renderAll(found: readonly QueueRow[]) {
    const { say } = this.formats
    const live = found.filter(({ isPaused }) => !isPaused)
    const paused = found.filter(({ isPaused }) => isPaused)
    return html`
      <button class="btn tall" type="button" ?disabled=${live.length === 0} @click=${() => this.#ask('pause', live)}>
        ${icon('pause')}${say('Pause all…')}
      </button>
      <button
        class="btn tall"
        type="button"
        ?disabled=${paused.length === 0}
        @click=${() => this.#ask('resume', paused)}
      >
        ${icon('play')}${say('Resume all…')}
      </button>
    `
  }

  #renderTable(
    found: readonly QueueRow[],
    columns: ReturnType<typeof queueColumns>,
    onSort: (sorting: Sorting) => void,
  ) {
    const { say, sayCount } = this.formats
    const most = Math.max(0, ...found.map(({ depth }) => depth))
    return html`<table class="queues" aria-label=${say('Queues')}>
        <thead>
          <tr>
            ${renderHeads(columns, this.sorting, onSort)}
            <th scope="col" data-column="actions"><span class="unseen">${say('Actions')}</span></th>
          </tr>
        </thead>
        <tbody>
          ${repeat(
            found.slice(0, shownMost),
            ({ name }) => name,
            (row) => this.#renderRow(row, most),
          )}
        </tbody>
      </table>
      ${
        found.length > shownMost
          ? html`<p class="foot calm-list">
              ${sayCount(found.length - shownMost, '{n} more: find it by its name.', '{n} more: find them by their names.')}
            </p>`
          : nothing
      }`
  }

  #renderRow(row: QueueRow, most: number) {
    const { say } = this.formats
    const { view, name, isPaused } = row
    return html`<tr class=${isPaused ? 'paused' : ''}>
      <td data-column="name">
        <button class="link" type="button" title=${say('Show its tasks')} @click=${() => this.#show(name, [])}>
          ${name.slice(0, 200)}
        </button>
        ${this.#renderNotes(row)}
      </td>
      <td data-column="depth">${this.#renderDepth(row, most)}</td>
      <td class="num ${row.oldestWaitMs === null ? 'none' : ''}" data-column="wait">
        <span class="label">${say('Oldest wait')} </span>${this.#renderWait(row)}
      </td>
      <td class="num" data-column="throughput">${this.#renderThroughput(view)}</td>
      <td data-column="workers">${this.#renderServed(row)}</td>
      <td data-column="actions"><div class="acts">${this.#renderActions(row)}</div></td>
    </tr>`
  }

  /** Who paused it and since when, and what is wrong. */
  #renderNotes({ view, isPaused, hasNobody }: QueueRow) {
    const { say, relative, instant } = this.formats
    const { pausedAt, pausedBy } = view
    if (!isPaused && !hasNobody) return nothing
    return html`<div class="words">
        ${isPaused ? html`<span class="tag late">${icon('pause')}${say('paused')}</span>` : nothing}
        ${hasNobody ? html`<span class="tag late">${say('no worker serves this queue')}</span>` : nothing}
      </div>
      ${
        isPaused && pausedAt != null
          ? html`<p class="small muted">
              <time title=${instant(pausedAt)}
                >${
                  pausedBy
                    ? say('by {person}, {time}', {
                        person: pausedBy.slice(0, 80),
                        time: relative(pausedAt, this.#clock.now),
                      })
                    : relative(pausedAt, this.#clock.now)
                }</time
              >
            </p>`
          : nothing
      }`
  }

  #renderDepth({ view, name, depth, pending }: QueueRow, most: number) {
    const { count, say } = this.formats
    const running = view.counts['running'] ?? 0
    const parts = [
      { status: 'running', count: running },
      { status: 'pending', count: pending },
    ]
    const others = taskStatuses.filter((status) => !['pending', 'running'].includes(status))
    return html`<div class="depth" .style=${`--digits:${Math.max(2, count(most).length)}ch`}>
      <b class=${depth === 0 ? 'faint' : ''}>${count(depth)}</b>
      ${stackBar(parts, most)}
      <span class="counts">
        ${[...parts.map(({ status }) => status as TaskStatus), ...others].map((status) => {
          const n = view.counts[status] ?? 0
          if (n === 0) return nothing
          return html`<button
            class="count-link ${status}"
            type="button"
            title=${say('Show them')}
            @click=${() => this.#show(name, [status])}
          >
            <i></i>${say(countWords[status], { n })}
          </button>`
        })}
      </span>
    </div>`
  }

  #renderWait({ oldestWaitMs, isFallingBehind }: QueueRow) {
    const { duration, say } = this.formats
    if (oldestWaitMs === null) return html`<span class="faint">–</span>`
    if (!isFallingBehind) return html`<span class="muted">${duration(oldestWaitMs)}</span>`
    return html`<span class="late" title=${say('It grows: more comes in than is run')}
      >${icon('sortUp')} ${duration(oldestWaitMs)}<span class="unseen"> ${say('and growing')}</span></span
    >`
  }

  #renderThroughput({ throughput, sparkline: hour, queue }: QueueView) {
    const { say, count } = this.formats
    if (throughput === undefined) return html`<span class="faint">–</span>`
    const number = throughput > 0 && throughput < 10 ? Math.round(throughput * 10) / 10 : Math.round(throughput)
    const label = say('Tasks of {queue} that ended, over the last hour', { queue: queue.slice(0, 80) })
    return html`<div class="flow">
      ${hour ? sparkline(hour.ended, label) : nothing}
      <span class="n ${number === 0 ? 'faint' : ''}"
        >${count(number)}<span class="label"> ${say('per minute')}</span></span
      >
    </div>`
  }

  #renderServed({ view }: QueueRow) {
    const { sayCount } = this.formats
    const limits = limitWords(view, this.formats)
    return html`${view.workers === undefined ? nothing : html`<p class=${view.workers === 0 ? 'faint' : 'muted'}>${sayCount(view.workers, '{n} process', '{n} processes')}</p>`}
    ${limits.length > 0 ? html`<div class="words">${limits.map((word) => html`<span class="tag">${word}</span>`)}</div>` : nothing}`
  }

  #renderActions(row: QueueRow) {
    const { capabilities } = this.state
    const { say } = this.formats
    const change = row.isPaused ? 'resume' : 'pause'
    // What comes and goes stands first, so that the other stays under the pointer.
    return html`
      ${canDo(capabilities, 'queue_drain') && row.pending > 0 ? this.#button('drain', row, say('Drain…'), null) : nothing}
      ${
        canDo(capabilities, 'queue_pause')
          ? this.#button(change, row, row.isPaused ? say('Resume…') : say('Pause…'), row.isPaused ? 'play' : 'pause')
          : nothing
      }
    `
  }

  #button(verb: QueueVerb, row: QueueRow, word: string, iconName: IconName | null) {
    return html`<button
      class="btn ${verb === 'drain' ? 'danger' : ''}"
      type="button"
      data-verb=${verb}
      aria-label="${word} ${row.name.slice(0, 80)}"
      ?disabled=${this.state.busyActions.has(`${verb}-queue:${row.name}`)}
      @click=${() => this.#ask(verb, [row])}
    >
      ${iconName ? icon(iconName) : nothing}${word}
    </button>`
  }

  #show(queue: string, statuses: readonly TaskStatus[]): void {
    request(this, 'request-view', { tab: 'view', queues: [queue], statuses })
  }

  #ask(verb: QueueVerb, rows: readonly QueueRow[]): void {
    this.asked = { verb, rows, question: queueQuestion(verb, rows, this.formats) }
  }

  readonly #onAnswer = (event: CustomEvent<ConfirmResult>): void => {
    event.stopPropagation()
    const { asked } = this
    this.asked = null
    const { isConfirmed, reason } = event.detail
    if (!asked || !isConfirmed) return
    const names = asked.rows.map(({ name }) => name)
    this.#send(asked.verb, names, reason, 0)
  }

  /** One after the other; the first that fails ends it, and a toast says why. */
  #send(verb: QueueVerb, names: readonly string[], reason: string, at: number): void {
    const name = names[at]
    if (name === undefined) return
    const isLast = at === names.length - 1
    request(this, 'request-command', {
      command: queueCommand(verb, name, { reason, isLast, count: names.length }),
      settle: (answer) => {
        if (answer !== null) this.#send(verb, names, reason, at + 1)
      },
    })
  }
}

export const elements = { 'task-confirm-dialog': ConfirmDialog, 'task-locks': Locks, 'task-queues': Queues }

declare global {
  interface HTMLElementTagNameMap {
    'task-queues': Queues
  }
}
