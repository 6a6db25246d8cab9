import { canDo, canRead } from '@taskloom/client'
import type { Capabilities, ScheduleView } from '@taskloom/protocol'
import { css, html, LitElement, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { request, type ScheduleVerb } from '../events.ts'
import type { Formats } from '../format.ts'
import { icon, type IconName } from '../icons.ts'
import { base, buttons, chips, tables } from '../styles/controls.ts'
import { ClockController } from '../ticker.ts'
import { listStyles } from './list-styles.ts'

/** What runs by the clock: when, what came of it last, when next. */
export class Schedules extends LitElement {
  @property({ attribute: false }) schedules: readonly ScheduleView[] = []
  @property({ attribute: false }) busyActions: ReadonlySet<string> = new Set()
  @property({ attribute: false }) capabilities: Capabilities | null = null
  @property({ type: Boolean }) isPaused = false
  @property({ attribute: false }) formats!: Formats
  readonly #clock = new ClockController(this, () => !this.isPaused)

  static override styles = [
    base,
    buttons,
    chips,
    tables,
    listStyles,
    css`
      tr.paused td:not(:last-child) {
        color: var(--td-text-2);
      }
      .late {
        color: var(--td-interrupted);
        border-color: currentColor;
      }
    `,
  ]

  override render() {
    return html`<div class="card">${this.schedules.length > 0 ? this.#renderTable() : this.#renderNothing()}</div>`
  }

  #renderTable() {
    return html`<table aria-label="Schedules">
      <thead>
        <tr>
          <th scope="col">Function</th>
          <th scope="col">When</th>
          <th scope="col">Next</th>
          <th scope="col">Last</th>
          <th scope="col"><span class="unseen">Actions</span></th>
        </tr>
      </thead>
      <tbody>
        ${repeat(
          this.schedules,
          ({ funcName }) => funcName,
          (schedule) => this.#renderRow(schedule),
        )}
      </tbody>
    </table>`
  }

  #renderRow(schedule: ScheduleView) {
    const isPaused = schedule.status === 'paused'
    return html`<tr class=${isPaused ? 'paused' : ''}>
      <td>
        <p class="name">${schedule.funcName.slice(0, 200)}</p>
        <div class="words">
          ${isPaused ? html`<span class="tag">paused</span>` : nothing}
          ${schedule.missed > 0 ? html`<span class="tag late">${this.formats.count(schedule.missed)} missed</span>` : nothing}
          <span class="tag" title="What happens when the one before still runs">overlap: ${schedule.overlap}</span>
          <span class="tag" title="What happens to slots that were missed">missed: ${schedule.misfire}</span>
        </div>
      </td>
      <td>
        <p>${schedule.description.slice(0, 300)}</p>
        <p class="mono faint">${schedule.trigger.slice(0, 120)} · ${schedule.timezone.slice(0, 60)}</p>
      </td>
      <td><span class="label">Next </span>${this.#renderNext(isPaused ? [] : schedule.nextRuns)}</td>
      <td>${this.#renderLast(schedule)}</td>
      <td><div class="acts">${this.#renderActions(schedule)}</div></td>
    </tr>`
  }

  #renderNext(runs: readonly number[]) {
    const now = this.#clock.now
    const [next, ...others] = runs
    if (next === undefined) return html`<span class="faint">—</span>`
    return html`<span title=${this.formats.instant(next)}>${this.formats.relative(Math.max(next, now), now)}</span>
      <p class="small faint">
        ${others
          .slice(0, 2)
          .map((at) => (at - now < 3_600_000 ? this.formats.time(at) : this.formats.axis(at, at - now)))
          .join(', ')}
      </p>`
  }

  #renderLast({ lastStatus, lastRun, lastTaskId }: ScheduleView) {
    if (lastStatus === null || lastRun === null) return html`<span class="faint">not run yet</span>`
    const now = this.#clock.now
    const words = html`<span class="small muted" title=${this.formats.instant(lastRun)}
      >${this.formats.relative(Math.min(lastRun, now), now)}</span
    >`
    const badge = html`<span class="label">Last </span><task-status-badge status=${lastStatus}></task-status-badge>`
    if (lastTaskId === null) return html`${badge} ${words}`
    return html`<button
      class="link"
      type="button"
      @click=${() => request(this, 'request-open', { taskId: lastTaskId })}
    >
      ${badge} ${words}
    </button>`
  }

  #renderActions({ funcName, status }: ScheduleView) {
    const { capabilities } = this
    const change = status === 'paused' ? 'resume' : 'pause'
    return html`
      ${canDo(capabilities, 'schedule_run') ? this.#button('run', 'Run now', 'zap', funcName) : nothing}
      ${
        canDo(capabilities, 'schedule_pause')
          ? this.#button(
              change,
              change === 'pause' ? 'Pause' : 'Resume',
              change === 'pause' ? 'pause' : 'play',
              funcName,
            )
          : nothing
      }
    `
  }

  #button(verb: ScheduleVerb, word: string, iconName: IconName, name: string) {
    return html`<button
      class="btn"
      type="button"
      data-verb=${verb}
      aria-label="${word}: ${name.slice(0, 80)}"
      ?disabled=${this.busyActions.has(`schedule-${verb}:${name}`)}
      @click=${() => request(this, 'request-schedule', { verb, name })}
    >
      ${icon(iconName)}${word}
    </button>`
  }

  #renderNothing() {
    if (this.capabilities === null) return html`<task-notice icon="calendar" heading="Loading schedules"></task-notice>`
    if (!canRead(this.capabilities, 'schedules')) {
      return html`<task-notice
        icon="calendar"
        heading="No schedules here"
        text="This source does not offer them."
      ></task-notice>`
    }
    return html`<task-notice
      icon="calendar"
      heading="Nothing runs by the clock yet"
      text="A function with a schedule appears here, with its next runs."
    ></task-notice>`
  }
}

declare global {
  interface HTMLElementTagNameMap {
    'task-schedules': Schedules
  }
}
