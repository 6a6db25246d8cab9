import { canDo, canRead, filterWords, toTaskFilter, type TaskVerb } from '@taskloom/client'
import type { ErrorGroup } from '@taskloom/protocol'
import { html, nothing } from 'lit'
import { property, state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { request } from '../events.ts'
import { icon } from '../icons.ts'
import { PartElement } from '../part-element.ts'
import { base, buttons, chips, menus, tables } from '../styles/controls.ts'
import { ClockController } from '../ticker.ts'
import {
  groupIn,
  heatOf,
  inPlaces,
  isPutAway,
  markOf,
  shownGroups,
  textOf,
  withGroup,
  type GroupMark,
} from './error-group.ts'
import { trend, trendStyles } from './error-trend.ts'
import { renderTriage, triageCommand, type TriageVerb } from './error-triage.ts'
import { matrixStyles } from './matrix-styles.ts'

const columns = [
  ['1h', 'lastHour'],
  ['24h', 'lastDay'],
  ['7d', 'lastWeek'],
] as const
type Column = (typeof columns)[number]

/**
 * Why tasks gave up: each kind of failure with how often it came of late, to look at its tasks, replay or discard them, and
 * to say that it is mended or does not matter.
 */
export class ErrorMatrix extends PartElement {
  /** The kinds, as the server orders them. */
  @property({ attribute: false }) groups: readonly ErrorGroup[] = []
  /** Whether the pointer is near: rows stay where they are. */
  @property({ attribute: false }) isHeld = false
  /** Asks for the kinds anew. */
  @property({ attribute: false }) again: () => void = () => {}
  @state() private isWhole = false
  @state() private hasPutAway = false
  #shown: readonly ErrorGroup[] = []
  readonly #clock = new ClockController(this, () => !this.state.isPaused)

  static override styles = [base, buttons, chips, menus, tables, matrixStyles, trendStyles]

  override willUpdate(): void {
    const places = this.#shown.map(({ fingerprint }) => fingerprint)
    this.#shown =
      this.isHeld && places.length > 0
        ? inPlaces(this.groups, places)
        : shownGroups(this.groups, {
            chosen: groupIn(this.state.view.search),
            isWhole: this.isWhole,
            hasPutAway: this.hasPutAway,
          })
  }

  override render() {
    const { groups } = this
    const { say } = this.formats
    if (groups.length === 0) return nothing
    const chosen = groupIn(this.state.view.search)
    const hasTrend = groups.some((group) => (group.trend?.length ?? 0) > 1)
    return html`<div class="card">
      <table aria-label=${say('Failures by kind')}>
        <thead>
          <tr>
            <th scope="col">${say('Error')}</th>
            <th scope="col" class="function">${say('Function')}</th>
            ${hasTrend ? html`<th scope="col" class="trend-cell">${say('Trend')}</th>` : nothing}
            <th scope="col" class="num">${say('1 h')}</th>
            <th scope="col" class="num">${say('24 h')}</th>
            <th scope="col" class="num">${say('7 d')}</th>
            <th scope="col" class="seen first">${say('First seen')}</th>
            <th scope="col" class="seen last">${say('Last seen')}</th>
            <th scope="col" class="acts"><span class="unseen">${say('Actions')}</span></th>
          </tr>
        </thead>
        <tbody>
          ${repeat(
            this.#shown,
            ({ fingerprint }) => fingerprint,
            (group) => this.#renderGroup(group, group.fingerprint === chosen, hasTrend),
          )}
          ${
            this.#shown.length === 0
              ? html`<tr class="calm">
                  <td colspan=${hasTrend ? 9 : 8}>
                    ${icon('check')}${say('Every kind of failure is resolved or ignored')}
                  </td>
                </tr>`
              : nothing
          }
        </tbody>
      </table>
      ${this.#renderFoot()}
    </div>`
  }

  #renderFoot() {
    const { say, sayCount } = this.formats
    const putAway = this.groups.filter(isPutAway).length
    const hidden = this.groups.length - putAway - this.#shown.filter((group) => !isPutAway(group)).length
    const hasMore = hidden > 0 || this.isWhole
    if (!hasMore && putAway === 0) return nothing
    return html`<div class="more">
      ${
        hasMore
          ? html`<button class="btn ghost" type="button" @click=${() => this.#turn({ isWhole: !this.isWhole })}>
              ${this.isWhole ? say('Show fewer') : sayCount(hidden, 'Show {n} more', 'Show {n} more')}
            </button>`
          : nothing
      }
      ${
        putAway > 0
          ? html`<button
              class="btn ghost"
              type="button"
              aria-expanded=${this.hasPutAway ? 'true' : 'false'}
              @click=${() => this.#turn({ hasPutAway: !this.hasPutAway })}
            >
              ${sayCount(putAway, '{n} resolved or ignored', '{n} resolved or ignored')}<span class="caret"
                >${icon('down')}</span
              >
            </button>`
          : nothing
      }
    </div>`
  }

  #renderGroup(group: ErrorGroup, isChosen: boolean, hasTrend: boolean) {
    const { count } = this.formats
    const [name = '', ...others] = group.functions
    return html`<tr
      class="${isChosen ? 'selected' : ''} ${isPutAway(group) ? 'put-away' : ''}"
      data-group=${group.fingerprint}
    >
      <td class="error-words">
        <div>
          <button
            class="link"
            type="button"
            aria-pressed=${isChosen ? 'true' : 'false'}
            title=${textOf(group)}
            @click=${() => this.#narrow(isChosen ? null : group)}
          >
            ${textOf(group)}
          </button>
          ${this.#renderMark(group)}
        </div>
      </td>
      <td class="function" title=${group.functions.join(', ')}>
        ${name.slice(0, 120)}${others.length > 0 ? html` <span class="faint">+${count(others.length)}</span>` : nothing}
      </td>
      ${hasTrend ? this.#renderTrend(group) : nothing} ${columns.map((column) => this.#renderCount(group, column))}
      ${this.#renderSeen(group)}
      <td class="acts">${this.#renderActions(group)}</td>
    </tr>`
  }

  #renderMark(group: ErrorGroup) {
    const mark = markOf(group, this.#clock.now)
    if (mark === null) return nothing
    return html`<span class="tag ${mark}" title=${this.#markTitle(group, mark)}
      >${mark === 'resolved' ? icon('check') : mark === 'ignored' ? icon('ban') : nothing}${this.#markWord(mark)}</span
    >`
  }

  #markWord(mark: NonNullable<GroupMark>): string {
    const { say } = this.formats
    switch (mark) {
      case 'new':
        return say('new')
      case 'growing':
        return say('growing')
      case 'back':
        return say('came back')
      case 'resolved':
        return say('resolved')
      case 'ignored':
        return say('ignored')
    }
  }

  /** Who said so and when; of a new one, when it was first seen. */
  #markTitle({ stateAt, stateBy, firstSeen }: ErrorGroup, mark: NonNullable<GroupMark>): string {
    const { say, instant } = this.formats
    if (mark === 'new') return `${say('First seen')} ${instant(firstSeen)}`
    if (mark === 'growing' || stateAt == null) return ''
    const time = instant(stateAt)
    const words = stateBy ? say('by {person}, {time}', { person: stateBy.slice(0, 80), time }) : time
    return mark === 'back' ? `${say('resolved')} ${words}` : words
  }

  #renderTrend({ trend: values = [] }: ErrorGroup) {
    const { say } = this.formats
    const label = say('Failures in each of the last 24 hours, at most {n}', { n: Math.max(0, ...values) })
    return html`<td class="trend-cell">${values.length > 1 ? trend(values, label) : nothing}</td>`
  }

  #renderCount(group: ErrorGroup, [window, field]: Column) {
    const count = group[field]
    const heat = heatOf(count, Math.max(...this.groups.map((each) => each[field])))
    const { say, count: write } = this.formats
    const label = html`<span class="label">${this.#windowHead(window)}</span>`
    if (count === 0) return html`<td class="num count-cell">${label}<span class="zero">0</span></td>`
    return html`<td class="num count-cell">
      ${label}<button
        class="heat"
        type="button"
        .style=${`--heat:${Math.round(heat * 100)}%`}
        aria-label=${say('Show {n} of the {window}: {error}', { n: count, window: this.#windowWords(window), error: textOf(group) })}
        @click=${() => this.#narrow(group, window)}
      >
        ${write(count)}
      </button>
    </td>`
  }

  #windowHead(window: Column[0]): string {
    const { say } = this.formats
    return window === '1h' ? say('1 h') : window === '24h' ? say('24 h') : say('7 d')
  }

  #windowWords(window: Column[0]): string {
    const { say } = this.formats
    return window === '1h' ? say('last hour') : window === '24h' ? say('last 24 hours') : say('last 7 days')
  }

  #renderSeen({ firstSeen, lastSeen }: ErrorGroup) {
    const { say } = this.formats
    return html`<td class="seen first muted">
        <span class="label">${say('First seen')} </span>${this.#renderMoment(firstSeen)}
      </td>
      <td class="seen last muted"><span class="label">${say('Last seen')} </span>${this.#renderMoment(lastSeen)}</td>`
  }

  #renderMoment(at: number) {
    const { relative, instant } = this.formats
    const { now } = this.#clock
    return html`<time title=${instant(at)}>${relative(Math.min(at, now), now)}</time>`
  }

  #renderActions(group: ErrorGroup) {
    const { say } = this.formats
    const name = textOf(group).slice(0, 80)
    const { capabilities } = this.state
    const canReplay = canDo(capabilities, 'bulk_retry') && canRead(capabilities, 'operations')
    return html`<div>
      ${
        canReplay
          ? html`<button
              class="btn"
              type="button"
              data-verb="replay"
              aria-label=${say('Replay: {error}', { error: name })}
              @click=${() => this.#ask('retry', group)}
            >
              ${icon('retry')}${say('Replay')}
            </button>`
          : nothing
      }
      <task-menu label=${say('More for: {error}', { error: name })} icon-only look="ghost">
        <span slot="label">${icon('more')}</span>
        <div class="menu" @click=${closeMenu}>
          <button class="item" type="button" @click=${() => this.#narrow(group)}>
            ${icon('search')}<span>${say('Show its tasks')}</span>
          </button>
          <button
            class="item"
            type="button"
            @click=${() => request(this, 'request-open', { taskId: group.sampleTaskId, tab: 'error' })}
          >
            ${icon('alert')}<span>${say('Open the last one')}</span>
          </button>
          ${renderTriage(group, this.state, this.formats, (verb) => this.#triage(verb, group))}
          ${
            canReplay && canDo(capabilities, 'bulk_delete')
              ? html`<hr />
                  <button class="item bad" type="button" @click=${() => this.#ask('delete', group)}>
                    ${icon('trash')}<span>${say('Discard…')}</span>
                  </button>`
              : nothing
          }
        </div>
      </task-menu>
    </div>`
  }

  /** The operator asks for other rows: they come though the pointer is on them. */
  #turn({ isWhole = this.isWhole, hasPutAway = this.hasPutAway }): void {
    this.#shown = []
    this.isWhole = isWhole
    this.hasPutAway = hasPutAway
  }

  #narrow(group: ErrorGroup | null, window?: Column[0]): void {
    const search = withGroup(this.state.view.search, group?.fingerprint ?? null)
    request(this, 'request-view', { search, ...(window ? { range: { kind: 'window', window } } : {}) })
  }

  #triage(verb: TriageVerb, group: ErrorGroup): void {
    const settle = (answer: unknown) => {
      if (answer !== null) this.again()
    }
    request(this, 'request-command', { command: triageCommand(verb, group), settle })
  }

  /** In the window that is chosen, as the rows are. */
  #ask(action: TaskVerb, { fingerprint }: ErrorGroup): void {
    const { view, list } = this.state
    const search = withGroup(view.search, fingerprint)
    const filter = filterWords(toTaskFilter({ ...view, search }, Date.now()))
    const shownIds = groupIn(view.search) === fingerprint ? list.tasks.map(({ taskId }) => taskId) : []
    request(this, 'request-dialog', { dialog: 'bulk', subject: { action, target: { filter }, shownIds } })
  }
}

function closeMenu(event: Event): void {
  const menu = (event.currentTarget as Element).closest<HTMLElement & { close(): void }>('task-menu')
  if ((event.target as Element).closest('button')) menu?.close()
}

declare global {
  interface HTMLElementTagNameMap {
    'task-error-matrix': ErrorMatrix
  }
}
