import { canRead } from '@taskloom/client'
import { routes, type Drift, type WorkerView } from '@taskloom/protocol'
import { css, html, nothing } from 'lit'
import { state } from 'lit/decorators.js'
import { meter } from '../figures/marks.ts'
import { renderSortedTable, renderSortMenu, sortRows, type Sorting } from '../figures/sorting.ts'
import { icon, type IconName } from '../icons.ts'
import { PartElement } from '../part-element.ts'
import { ClockController } from '../ticker.ts'
import { renderAnswer } from './answers.ts'
import { byteWords, fleetFigures, processName, utilisationOf, workerColumns, type FleetFigures } from './fleet.ts'
import { renderDrift, renderSkew } from './fleet-notices.ts'
import { Reading } from './reading.ts'
import { screenStyles } from './screen-styles.ts'
import { WorkerRuns } from './worker-runs.ts'
import { renderTasksLink } from './worker-tasks.ts'

const refreshMs = 5_000
const driftMs = 30_000
const hotShare = 0.9
const longLagMs = 200

/** The processes that run tasks: whether they live, how busy they are, and with what. */
export class Workers extends PartElement {
  @state() private sorting: Sorting = { by: 'worker', isDescending: false }
  @state() private opened: ReadonlySet<string> = new Set()
  readonly #clock = new ClockController(this, () => !this.state.isPaused)
  readonly #workers: Reading<readonly WorkerView[]> = new Reading(this, {
    hints: ['workers'],
    everyMs: () => refreshMs,
    ask: ({ client }, signal) => client.ask(routes.workers, { signal }),
  })
  readonly #drift: Reading<Drift> = new Reading(this, {
    isWanted: () => canRead(this.state.capabilities, 'drift'),
    everyMs: () => driftMs,
    ask: ({ client }, signal) => client.ask(routes.drift, { signal }),
  })

  static override styles = [
    ...screenStyles,
    css`
      .workers th[data-column='status'] {
        inline-size: 26%;
      }
      .workers th[data-column='worker'] {
        inline-size: 30%;
      }
      .workers th[data-column='running'] {
        inline-size: 124px;
      }
      .workers td .link {
        font-weight: 450;
        color: var(--td-text-2);
        text-decoration: underline;
        text-decoration-color: var(--td-line);
        text-underline-offset: 3px;
      }
      .workers td .link:hover {
        color: var(--td-text);
        text-decoration-color: currentColor;
      }
      .cells small.late {
        color: var(--td-interrupted);
      }
      .busy {
        display: grid;
        gap: 4px;
        min-inline-size: 72px;
      }
      .state {
        display: flex;
        align-items: center;
        gap: 6px;
        font-weight: 520;
      }
      .state svg {
        inline-size: 13px;
        block-size: 13px;
      }
      .state.active {
        color: var(--td-success);
      }
      .state:is(.stale, .stopping, .quiet) {
        color: var(--td-interrupted);
      }
      .unfold {
        display: inline-flex;
        align-items: center;
        gap: 4px;
        min-block-size: 24px;
        padding: 0;
        border: 0;
        background: none;
        color: inherit;
        justify-self: end;
        cursor: pointer;
      }
      .unfold svg {
        inline-size: 12px;
        block-size: 12px;
        color: var(--td-text-3);
      }
      .unfold[aria-expanded='true'] svg {
        transform: rotate(180deg);
      }
      .drift {
        display: block;
      }
      .drift summary .caret {
        margin-inline-start: auto;
      }
      .drift[open] .caret svg {
        transform: rotate(180deg);
      }
      .drift summary {
        display: flex;
        gap: 8px;
        cursor: pointer;
      }
      .drift ul {
        padding: 4px 0 0 22px;
      }
      @container (max-width: 760px) {
        .busy {
          grid-template-columns: auto minmax(0, 160px);
          align-items: center;
          justify-content: start;
          gap: 10px;
        }
        td.num[data-column='running'] {
          display: block;
        }
      }
    `,
  ]

  override render() {
    const { say } = this.formats
    const words = { icon: 'zap', failed: say('The processes could not be loaded') } as const
    return renderAnswer(this.#workers, this.formats, words, (workers) => this.#renderWorkers(workers))
  }

  #renderWorkers(workers: readonly WorkerView[]) {
    const { say } = this.formats
    if (workers.length === 0) {
      return html`<div class="card">
        <task-notice
          icon="zap"
          heading=${say('No process runs tasks')}
          text=${say('Tasks wait until one is started. Those that stopped in order are not listed any more.')}
        ></task-notice>
      </div>`
    }
    const columns = workerColumns(this.formats)
    const onSort = (sorting: Sorting) => (this.sorting = sorting)
    const figures = fleetFigures(workers)
    const rows = sortRows(workers, columns, this.sorting)
    return html`
      ${this.#renderFigures(figures)} ${renderSkew(figures.versions, this.formats)}
      ${renderDrift(this.#drift.value, this.formats)}
      <div class="bar sort-menu">${renderSortMenu(columns, this.sorting, onSort, this.formats)}</div>
      ${renderSortedTable(
        {
          label: say('Processes'),
          className: 'workers',
          columns,
          sorting: this.sorting,
          onSort,
          rows,
          keyOf: ({ workerId }) => workerId,
          draw: (worker) => this.#renderRow(worker),
        },
        this.formats,
      )}
    `
  }

  #renderFigures({ live, stale, running, capacity, utilisation, rssBytes }: FleetFigures) {
    const { say, count, percent } = this.formats
    return html`<dl class="card cells">
      <div>
        <dt>${say('Processes')}</dt>
        <dd>
          ${count(live)}${stale > 0 ? html` <small class="late">${say('and {n} stale', { n: stale })}</small>` : nothing}
        </dd>
      </div>
      <div>
        <dt>${say('Running')}</dt>
        <dd>
          ${count(running)}${capacity === null ? nothing : html` <small>${say('of {n}', { n: capacity })}</small>`}
        </dd>
      </div>
      <div>
        <dt>${say('Utilisation')}</dt>
        <dd>
          ${percent(utilisation === null ? null : Math.round(utilisation * 100) / 100)}
          ${utilisation === null ? nothing : meter({ share: utilisation, label: say('Utilisation'), tone: toneOf(utilisation) })}
        </dd>
      </div>
      <div>
        <dt>${say('Memory')}</dt>
        <dd>${byteWords(rssBytes, this.formats)}</dd>
      </div>
    </dl>`
  }

  #renderRow(worker: WorkerView) {
    const { say, count, duration } = this.formats
    const { workerId, cpuPercent, rssBytes, eventLoopLagMs, uptime } = worker
    const isOpen = this.opened.has(workerId)
    return html`<tr>
        <td data-column="worker">${this.#renderName(worker)}</td>
        <td data-column="status">${this.#renderStatus(worker)}</td>
        <td class="num" data-column="running">${this.#renderRunning(worker, isOpen)}</td>
        <td class="num muted">
          <span class="label">${say('CPU')} </span
          >${cpuPercent === null ? '–' : `${count(Math.round(cpuPercent))}\u00a0%`}
        </td>
        <td class="num muted"><span class="label">${say('Memory')} </span>${byteWords(rssBytes, this.formats)}</td>
        <td class="num ${eventLoopLagMs !== null && eventLoopLagMs >= longLagMs ? 'late' : 'muted'}">
          <span class="label">${say('Loop lag')} </span>${duration(eventLoopLagMs)}
        </td>
        <td class="num muted"><span class="label">${say('Uptime')} </span>${duration(uptime)}</td>
      </tr>
      ${
        isOpen
          ? html`<tr class="unfolded">
              <td class="nothing" colspan="7" id=${idOf(workerId)}>
                <task-worker-runs .context=${this.context} worker=${workerId}></task-worker-runs>
              </td>
            </tr>`
          : nothing
      }`
  }

  #renderName(worker: WorkerView) {
    const { hostname, pid, version, workerId, queues, functions } = worker
    const { say, sayCount } = this.formats
    const words = [
      ...queues.slice(0, 6).map((queue) => queue.slice(0, 60)),
      ...(queues.length > 6 ? [`+${queues.length - 6}`] : []),
    ]
    return html`<p class="name" title=${workerId}>
        ${hostname.slice(0, 120)} ${pid === null ? nothing : html`<span class="faint">· ${pid}</span>`}
      </p>
      <p class="small faint">
        ${version === null ? nothing : say('version {version}', { version: version.slice(0, 40) })}
        ${functions === null ? nothing : html`· ${sayCount(functions, '{n} function', '{n} functions')}`}
      </p>
      ${words.length > 0 ? html`<div class="words" aria-label=${say('Queues')} role="group">${words.map((word) => html`<span class="tag">${word}</span>`)}</div>` : nothing}
      ${renderTasksLink(this, worker)}`
  }

  #renderStatus({ status, lastHeartbeat }: WorkerView) {
    const { say, relative, instant } = this.formats
    const looks: Readonly<
      Record<string, { readonly icon: IconName; readonly word: string; readonly text: string | null }>
    > = {
      active: { icon: 'check', word: say('Active'), text: null },
      quiet: { icon: 'pause', word: say('Quiet'), text: say('It finishes what it runs and takes nothing new.') },
      stopping: { icon: 'stop', word: say('Stopping'), text: say('It finishes what it runs, then it ends.') },
      stopped: { icon: 'stop', word: say('Stopped'), text: null },
      stale: {
        icon: 'alert',
        word: say('Stale'),
        text: say('Not heard of for so long that its tasks are taken over: it died, hangs, or lost the store.'),
      },
    }
    const look = Object.hasOwn(looks, status) ? looks[status] : undefined
    return html`<p class="state ${status}">${icon(look?.icon ?? 'unknown')}${look?.word ?? status.slice(0, 40)}</p>
      <p class="small muted">
        <time title=${instant(lastHeartbeat)}
          >${say('heard of {time}', { time: relative(Math.min(lastHeartbeat, this.#clock.now), this.#clock.now) })}</time
        >
      </p>
      ${look?.text ? html`<p class="small muted">${look.text}</p>` : nothing}`
  }

  #renderRunning(worker: WorkerView, isOpen: boolean) {
    const { count, say } = this.formats
    const { running, concurrency, workerId } = worker
    const share = utilisationOf(worker)
    if (running === null) return html`<span class="faint">–</span>`
    return html`<div class="busy">
      <button
        class="unfold"
        type="button"
        aria-expanded=${isOpen ? 'true' : 'false'}
        aria-controls=${isOpen ? idOf(workerId) : nothing}
        @click=${() => this.#toggle(workerId)}
      >
        ${icon('down')}<span
          >${count(running)}${concurrency === null ? nothing : html`<span class="muted"> / ${count(concurrency)}</span>`}</span
        ><span class="unseen">${say('What {process} runs', { process: processName(worker) })}</span>
      </button>
      ${share === null ? nothing : meter({ share, label: say('Utilisation'), tone: toneOf(share) })}
    </div>`
  }

  #toggle(workerId: string): void {
    const opened = new Set(this.opened)
    if (!opened.delete(workerId)) opened.add(workerId)
    this.opened = opened
  }
}

function toneOf(share: number): 'hot' | 'calm' {
  return share >= hotShare ? 'hot' : 'calm'
}

function idOf(workerId: string): string {
  return `runs-${workerId}`
}

export const elements = { 'task-worker-runs': WorkerRuns, 'task-workers': Workers }

declare global {
  interface HTMLElementTagNameMap {
    'task-workers': Workers
  }
}
