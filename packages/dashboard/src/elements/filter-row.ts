import type { CsvProgress, FilterChip, ViewQuery } from '@taskloom/client'
import {
  taskStatuses,
  type Metrics,
  type Problem,
  type QueueCount,
  type TaskStatus,
  type TypeStats,
} from '@taskloom/protocol'
import { css, html, LitElement, nothing } from 'lit'
import { property, query } from 'lit/decorators.js'
import { request } from '../events.ts'
import type { Formats } from '../format.ts'
import { icon } from '../icons.ts'
import { base, buttons } from '../styles/controls.ts'
import type { Choice } from './choice-menu.ts'
import type { SearchBox } from './search-box.ts'
import { statusWord } from './status-badge.ts'

/** Search, the filter menus with their counts, and what can be done with all that is shown. */
export class FilterRow extends LitElement {
  @property({ attribute: false }) view!: ViewQuery
  @property({ attribute: false }) chips: readonly FilterChip[] = []
  @property({ attribute: false }) searchProblem: Problem | null = null
  @property({ attribute: false }) metrics: Metrics | null = null
  @property({ attribute: false }) types: readonly TypeStats[] = []
  @property({ attribute: false }) queues: readonly QueueCount[] = []
  @property({ attribute: false }) csv: CsvProgress | null = null
  @property({ type: Boolean }) canClearHistory = false
  @property({ attribute: false }) formats!: Formats
  @query('task-search-box') private readonly box!: SearchBox

  static override styles = [
    base,
    buttons,
    css`
      :host {
        container-type: inline-size;
        padding: 12px 0;
      }
      .row {
        display: flex;
        flex-wrap: wrap;
        align-items: flex-start;
        gap: 8px;
      }
      task-search-box {
        flex: 1 1 320px;
      }
      .menus {
        display: flex;
        gap: 8px;
        flex-wrap: wrap;
        min-inline-size: 0;
      }
      .csv {
        font-variant-numeric: tabular-nums;
      }
      @container (max-width: 700px) {
        task-search-box {
          flex-basis: 100%;
        }
        .menus {
          flex: 0 1 100%;
          flex-wrap: nowrap;
          gap: 6px;
          margin: -3px;
          padding: 3px;
          overflow-x: auto;
          scrollbar-width: none;
        }
      }
    `,
  ]

  focusSearch(): void {
    this.box.focusInput()
  }

  override render() {
    const { view } = this
    const isFiltered = this.chips.length > 0
    return html`
      <div class="row" part="filters">
        <task-search-box .search=${view.search} .problem=${this.searchProblem} .chips=${this.chips}></task-search-box>
        <div class="menus">
          <task-choice-menu
            label="Status"
            .choices=${this.#statuses()}
            .chosen=${view.statuses}
            @choose=${(event: CustomEvent<TaskStatus[]>) => this.#ask({ statuses: event.detail })}
          ></task-choice-menu>
          <task-choice-menu
            label="Function"
            .choices=${this.types.map(({ funcName, runs }) => this.#choice(funcName, runs))}
            .chosen=${view.funcNames}
            @choose=${(event: CustomEvent<string[]>) => this.#ask({ funcNames: event.detail })}
          ></task-choice-menu>
          <task-choice-menu
            label="Queue"
            .choices=${this.queues.map(({ queue, total }) => this.#choice(queue, total))}
            .chosen=${view.queues}
            @choose=${(event: CustomEvent<string[]>) => this.#ask({ queues: event.detail })}
          ></task-choice-menu>
          <task-time-menu .range=${view.range} .formats=${this.formats}></task-time-menu>
          ${
            isFiltered
              ? html`<button
                  class="btn tall ghost"
                  type="button"
                  @click=${() => request(this, 'request-clear-filters')}
                >
                  Clear filters
                </button>`
              : nothing
          }
          ${this.#renderCsv()}
          ${
            this.canClearHistory
              ? html`<button
                  class="btn tall icon"
                  type="button"
                  aria-label="Clear history"
                  title="Clear history…"
                  @click=${() => request(this, 'request-dialog', { dialog: 'clear-history' })}
                >
                  ${icon('trash')}
                </button>`
              : nothing
          }
        </div>
      </div>
    `
  }

  #renderCsv() {
    const { csv } = this
    const words = csv ? `${this.formats.count(csv.rows)} / ${this.formats.count(csv.total)}` : 'CSV'
    return html`
      <button
        class="btn tall csv"
        part="csv"
        type="button"
        title="Download all rows of this filter as CSV"
        aria-label="Export CSV"
        ?disabled=${csv !== null}
        @click=${() => request(this, 'request-export')}
      >
        ${icon('download')}<span>${words}</span>
      </button>
    `
  }

  #statuses(): readonly Choice[] {
    return taskStatuses.map((status) => ({
      value: status,
      word: statusWord(status),
      count: this.metrics ? this.formats.count(this.metrics[status]) : null,
    }))
  }

  #choice(value: string, count: number): Choice {
    return { value, word: value, count: this.formats.count(count) }
  }

  #ask(changes: Partial<ViewQuery>): void {
    request(this, 'request-view', changes)
  }
}
