import { toTaskFilter } from '@taskloom/client'
import { formatFilter, routes, type Health, type Histogram, type Latency } from '@taskloom/protocol'
import { html, nothing } from 'lit'
import { state } from 'lit/decorators.js'
import { request } from '../events.ts'
import { toCsv } from '../figures/csv.ts'
import { Plot, type PlotCursor, type PlotData } from '../figures/plot.ts'
import { renderSortedTable, renderSortMenu, sortRows, type Sorting } from '../figures/sorting.ts'
import { icon } from '../icons.ts'
import { PartElement, type PartContext } from '../part-element.ts'
import { renderAnswer } from './answers.ts'
import { renderHealth } from './fleet-notices.ts'
import { cellWords, confidentFrom, endedOf, functionColumns, type TypeStats } from './function-table.ts'
import { durationPlot, spreadPlot, throughputPlot, waitPlot } from './metrics-plots.ts'
import { metricsStyles } from './metrics-styles.ts'
import { Reading } from './reading.ts'
import { screenStyles } from './screen-styles.ts'

const windows = ['1h', '24h', '7d', '30d'] as const
const refreshMs = 30_000

/** How much is done, how long it takes and how long it waits: for the page's filter, over a time that is chosen here. */
export class Metrics extends PartElement {
  /** Null: the time of the page's filter. */
  @state() private window: (typeof windows)[number] | null = '24h'
  @state() private sorting: Sorting = { by: 'runs', isDescending: true }
  @state() private at: number | null = null
  /** What came of copying the table. */
  @state() private copied = ''
  @state() private spreadAt: { readonly title: string; readonly at: number | null } = { title: '', at: null }
  readonly #latency = this.#read<Latency>(({ client }, params, signal) =>
    client.ask(routes.latency, { params, signal }),
  )
  readonly #histogram = this.#read<Histogram>(({ client }, params, signal) =>
    client.ask(routes.histogram, { params, signal }),
  )
  readonly #types = this.#read<readonly TypeStats[]>(({ client }, params, signal) =>
    client.ask(routes.types, { params, signal }),
  )
  readonly #health: Reading<Health> = new Reading(this, {
    everyMs: () => refreshMs,
    ask: ({ client }, signal) => client.ask(routes.health, { signal }),
  })

  static override styles = [...screenStyles, metricsStyles]

  override render() {
    const { say } = this.formats
    const plots = { icon: 'clock', failed: say('The figures could not be loaded') } as const
    return html`
      ${renderHealth(this.#health.value, this.formats)} ${this.#renderBar()}
      ${renderAnswer(this.#latency, this.formats, plots, (latency) => this.#renderOverTime(latency))}
      ${renderAnswer(this.#histogram, this.formats, plots, (histogram) => this.#renderSpreads(histogram))}
      ${renderAnswer(this.#types, this.formats, plots, (types) => this.#renderFunctions(types))}
    `
  }

  #renderBar() {
    const { say } = this.formats
    const { range } = this.state.view
    const words = { '1h': say('1 hour'), '24h': say('24 hours'), '7d': say('7 days'), '30d': say('30 days') }
    const choice = (value: (typeof windows)[number] | null, word: string) =>
      html`<label>
        <input
          type="radio"
          name="window"
          .checked=${value === this.#window}
          @change=${() => (this.window = value)}
        /><span>${word}</span>
      </label>`
    return html`<div class="bar">
      <fieldset class="segments">
        <legend class="unseen">${say('Time')}</legend>
        ${windows.map((window) => choice(window, words[window]))}
        ${range.kind === 'all' ? nothing : choice(null, say('As filtered'))}
      </fieldset>
      ${
        this.#isNarrowed
          ? html`<span class="muted">${say('Of the tasks that the filter names.')}</span>
              <button class="btn" type="button" @click=${() => request(this, 'request-clear-filters')}>
                ${say('Clear filters')}
              </button>`
          : nothing
      }
    </div>`
  }

  #renderOverTime(latency: Latency) {
    const plot = (data: PlotData) =>
      html`<div class="card">
        <task-plot
          .plot=${data}
          .formats=${this.formats}
          .at=${this.at}
          @plot-cursor=${(event: CustomEvent<PlotCursor>) => (this.at = event.detail.at)}
        ></task-plot>
      </div>`
    return html`<div class="plots">
      <div class="wide">${plot(throughputPlot(latency, this.formats))}</div>
      ${plot(durationPlot(latency, this.formats))} ${plot(waitPlot(latency, this.formats))}
    </div>`
  }

  #renderSpreads({ duration, wait, samples, isCapped }: Histogram) {
    const { say, sayCount } = this.formats
    const plot = (data: PlotData) =>
      html`<div class="card">
        <task-plot
          .plot=${data}
          .formats=${this.formats}
          .at=${this.spreadAt.title === data.title ? this.spreadAt.at : null}
          @plot-cursor=${(event: CustomEvent<PlotCursor>) => (this.spreadAt = { title: data.title, at: event.detail.at })}
        ></task-plot>
      </div>`
    const few =
      samples < confidentFrom ? sayCount(samples, 'Low confidence: {n} sample.', 'Low confidence: {n} samples.') : null
    return html`<div class="plots">
        ${plot(spreadPlot(say('Durations, spread'), duration, this.formats))}
        ${plot(spreadPlot(say('Waits, spread'), wait, this.formats))}
      </div>
      ${few || isCapped ? html`<p class="aside small">${few ?? sayCount(samples, 'Of the newest {n} task.', 'Of the newest {n} tasks.')}</p>` : nothing}`
  }

  #renderFunctions(types: readonly TypeStats[]) {
    const { say } = this.formats
    if (types.length === 0) {
      return html`<div class="card">
        <task-notice
          icon="zap"
          heading=${say('Nothing ran in this time')}
          text=${say('Choose a longer one, or clear the filter.')}
        ></task-notice>
      </div>`
    }
    const columns = functionColumns(types, this.formats)
    const rows = sortRows(types, columns, this.sorting)
    const onSort = (sorting: Sorting) => (this.sorting = sorting)
    const copy = () => {
      const cells = rows.map((row) => columns.map(({ valueOf }) => valueOf?.(row) ?? null))
      void this.#copy(toCsv([columns.map(({ word }) => word), ...cells]))
    }
    return html`<div class="bar below">
        <strong>${say('Functions')}</strong>
        ${renderSortMenu(columns, this.sorting, onSort, this.formats)}
        <span class="spacer"></span>
        <span class="muted" role="status">${this.copied}</span>
        <button class="btn" type="button" @click=${copy}>${icon('copy')}${say('Copy as CSV')}</button>
      </div>
      ${renderSortedTable(
        {
          label: say('Functions'),
          className: 'functions',
          columns,
          sorting: this.sorting,
          onSort,
          rows,
          keyOf: ({ funcName }) => funcName,
          draw: (row) => this.#renderRow(row, columns),
        },
        this.formats,
      )}`
  }

  #renderRow(row: TypeStats, columns: ReturnType<typeof functionColumns>) {
    const { say, sayCount } = this.formats
    const ended = endedOf(row)
    return html`<tr>
      ${columns.map(({ name, word, valueOf }) => {
        if (name === 'function') {
          return html`<td>
            <button
              class="link"
              type="button"
              title=${say('Show its tasks')}
              @click=${() => request(this, 'request-view', { tab: 'view', funcNames: [row.funcName] })}
            >
              ${row.funcName.slice(0, 200)}
            </button>
            ${
              ended < confidentFrom
                ? html`<span class="tag" title=${say('Percentiles of so few say little')}
                    >${sayCount(ended, 'low confidence: {n} sample', 'low confidence: {n} samples')}</span
                  >`
                : nothing
            }
          </td>`
        }
        const isBad = name === 'ok' && row.failed > 0
        return html`<td class="num ${name === 'runs' || isBad ? '' : 'muted'}">
          <span class="label">${word} </span>
          ${isBad ? html`<span class="small bad">${say('{n} failed', { n: row.failed })}</span>` : nothing}
          ${cellWords(name, valueOf?.(row) ?? null, this.formats)}
        </td>`
      })}
    </tr>`
  }

  async #copy(text: string): Promise<void> {
    const { say } = this.formats
    try {
      await navigator.clipboard.writeText(text)
      this.copied = say('Copied')
    } catch {
      this.copied = say('The browser does not let it be copied')
    }
  }

  /** The time of the page's filter is one only while it names one. */
  get #window(): (typeof windows)[number] | null {
    return this.window === null && this.state.view.range.kind === 'all' ? '24h' : this.window
  }

  get #isNarrowed(): boolean {
    const { statuses, funcNames, queues, search } = this.state.view
    return statuses.length + funcNames.length + queues.length > 0 || search.trim() !== ''
  }

  #read<T>(ask: (context: PartContext, params: URLSearchParams, signal: AbortSignal) => Promise<T>): Reading<T> {
    return new Reading<T>(this, {
      about: () => [this.#window, this.#filterKey],
      everyMs: () => refreshMs,
      ask: (context, signal) => ask(context, this.#params(), signal),
    })
  }

  get #filterKey(): string {
    const { statuses, funcNames, queues, search, range } = this.state.view
    return JSON.stringify([statuses, funcNames, queues, search, this.#window === null ? range : null])
  }

  #params(): URLSearchParams {
    const { view, searchProblem } = this.state
    const window = this.#window
    const range = window === null ? view.range : ({ kind: 'window', window } as const)
    return formatFilter(toTaskFilter({ ...view, range, search: searchProblem ? '' : view.search }, Date.now()))
  }
}

export const elements = { 'task-plot': Plot, 'task-metrics': Metrics }

declare global {
  interface HTMLElementTagNameMap {
    'task-metrics': Metrics
  }
}
