import { routes, type TaskSummary } from '@taskloom/protocol'
import { css, html, nothing } from 'lit'
import { property } from 'lit/decorators.js'
import { request } from '../events.ts'
import { shortId } from '../format.ts'
import { PartElement } from '../part-element.ts'
import { ClockController } from '../ticker.ts'
import { renderAnswer } from './answers.ts'
import { Reading } from './reading.ts'
import { screenStyles } from './screen-styles.ts'

const refreshMs = 3_000
const shownMost = 50

interface Runs {
  readonly tasks: readonly TaskSummary[]
  readonly total: number
}

/** What one process runs now, the longest first. */
export class WorkerRuns extends PartElement {
  @property() worker = ''
  readonly #clock = new ClockController(this, () => !this.state.isPaused)
  readonly #runs: Reading<Runs> = new Reading(this, {
    about: () => [this.worker],
    hints: ['workers'],
    everyMs: () => refreshMs,
    ask: ({ client }, signal) =>
      client.ask(routes.list, {
        params: new URLSearchParams({
          worker_id: this.worker,
          status: 'running',
          sort: 'created_at',
          order: 'asc',
          limit: String(shownMost),
        }),
        signal,
      }),
  })

  static override styles = [
    ...screenStyles,
    css`
      :host {
        padding: 0;
      }
      .runs {
        display: grid;
        gap: 0;
        padding: 4px 10px 8px;
        background: var(--td-sunken);
      }
      li {
        display: flex;
        flex-wrap: wrap;
        align-items: baseline;
        gap: 2px 10px;
        padding-block: 4px;
      }
      .rows-to-come {
        border: 0;
      }
      .rows-to-come i {
        block-size: 28px;
      }
      .rows-to-come i:nth-child(n + 3) {
        display: none;
      }
      .elapsed {
        min-inline-size: 64px;
        color: var(--td-running);
        text-align: end;
      }
      .card {
        border: 0;
      }
    `,
  ]

  override render() {
    const { say } = this.formats
    const words = { icon: 'running', failed: say('Its tasks could not be loaded') } as const
    return renderAnswer(this.#runs, this.formats, words, (runs) => this.#renderRuns(runs))
  }

  #renderRuns({ tasks, total }: Runs) {
    const { say, duration } = this.formats
    if (tasks.length === 0) return html`<p class="runs muted">${say('It runs nothing at this moment.')}</p>`
    const now = this.#clock.now
    return html`<ul class="runs">
      ${tasks.map(
        ({ taskId, funcName, queue, startTime, createdAt, progress }) =>
          html`<li>
            <span class="elapsed"
              >${duration(Math.max(0, Math.floor((now - (startTime ?? createdAt)) / 1_000) * 1_000))}</span
            >
            <button class="link" type="button" @click=${() => request(this, 'request-open', { taskId })}>
              ${funcName.slice(0, 120)}
            </button>
            <span class="mono faint">${shortId(taskId)}</span>
            <span class="muted">${queue.slice(0, 60)}</span>
            ${progress?.percent == null ? nothing : html`<span class="muted">${this.formats.percent(progress.percent / 100)}</span>`}
          </li>`,
      )}
      ${total > tasks.length ? html`<li class="muted">${say('{n} more', { n: total - tasks.length })}</li>` : nothing}
    </ul>`
  }
}
