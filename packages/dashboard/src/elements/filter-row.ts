import type { FilterChip, ViewQuery } from '@taskloom/client'
import { taskStatuses, type TaskStatus } from '@taskloom/protocol'
import { css, html, LitElement, nothing } from 'lit'
import { property, query, state } from 'lit/decorators.js'
import { request } from '../events.ts'
import { icon, type IconName } from '../icons.ts'
import type { PartContext } from '../part-element.ts'
import { PartsController } from '../parts.ts'
import { base, buttons } from '../styles/controls.ts'
import type { Choice } from './choice-menu.ts'
import type { SearchBox } from './search-box.ts'
import { statusWord } from './status-badge.ts'

type MenuPart = 'task-columns-menu' | 'task-views-menu'

/** Search, the filter menus with their counts, and what can be done with all that is shown. */
export class FilterRow extends LitElement {
  @property({ attribute: false }) context!: PartContext
  @property({ attribute: false }) chips: readonly FilterChip[] = []
  @property({ type: Boolean }) canClearHistory = false
  @state() private opened: ReadonlySet<MenuPart> = new Set()
  @query('task-search-box') private readonly box!: SearchBox
  readonly #parts = new PartsController(this)

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
      .to-come {
        display: block;
        padding: 12px 16px;
        color: var(--td-text-2);
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
    const { chips, context } = this
    const { state, formats } = context
    const { view, metrics, types, queues } = state
    const { say } = formats
    return html`
      <div class="row" part="filters">
        <task-search-box
          .context=${context}
          .search=${view.search}
          .problem=${state.searchProblem}
          .chips=${chips.filter(({ field }) => field !== 'search')}
        ></task-search-box>
        <div class="menus">
          <task-choice-menu
            label=${say('Status')}
            .choices=${taskStatuses.map((status) => this.#choice(status, metrics?.[status], say(statusWord(status))))}
            .chosen=${view.statuses}
            .formats=${formats}
            @choose=${(event: CustomEvent<TaskStatus[]>) => this.#ask({ statuses: event.detail })}
          ></task-choice-menu>
          <task-choice-menu
            label=${say('Function')}
            .choices=${types.map(({ funcName, runs }) => this.#choice(funcName, runs))}
            .chosen=${view.funcNames}
            .formats=${formats}
            @choose=${(event: CustomEvent<string[]>) => this.#ask({ funcNames: event.detail })}
          ></task-choice-menu>
          <task-choice-menu
            label=${say('Queue')}
            .choices=${queues.map(({ queue, total }) => this.#choice(queue, total))}
            .chosen=${view.queues}
            .formats=${formats}
            @choose=${(event: CustomEvent<string[]>) => this.#ask({ queues: event.detail })}
          ></task-choice-menu>
          <task-time-menu .range=${view.range} .formats=${formats}></task-time-menu>
          ${
            chips.length > 0
              ? html`<button
                  class="btn tall ghost"
                  type="button"
                  @click=${() => request(this, 'request-clear-filters')}
                >
                  ${say('Clear filters')}
                </button>`
              : nothing
          }
          ${this.#renderMenu('task-columns-menu', 'columns', say('Columns'))}
          ${this.#renderMenu('task-views-menu', 'star', say('Saved views'))} ${this.#renderCsv()}
          ${
            this.canClearHistory
              ? html`<button
                  class="btn tall icon"
                  type="button"
                  aria-label=${say('Clear history')}
                  title=${say('Clear history…')}
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

  /** A menu whose content comes when it is first opened. */
  #renderMenu(name: MenuPart, iconName: IconName, label: string) {
    return html`<task-menu label=${label} icon-only look="tall" @menu-open=${() => this.#open(name)}>
      <span slot="label">${icon(iconName)}</span>${this.opened.has(name) ? this.#renderPart(name) : nothing}
    </task-menu>`
  }

  #renderPart(name: MenuPart) {
    const part = this.#parts.get(name)
    if (part instanceof HTMLElement) return html`${Object.assign(part, { context: this.context })}`
    const { say } = this.context.formats
    return html`<span class="to-come"
      >${part === 'failed' ? say('This menu could not be loaded') : say('Loading')}</span
    >`
  }

  #open(name: MenuPart): void {
    if (this.#parts.get(name) === 'failed') void this.#parts.load(name)
    this.opened = new Set([...this.opened, name])
  }

  #renderCsv() {
    const { state, formats } = this.context
    const { csv } = state
    return html`
      <button
        class="btn tall csv"
        part="csv"
        type="button"
        title=${formats.say('Download all rows of this filter as CSV')}
        aria-label=${formats.say('Export CSV')}
        ?disabled=${csv !== null}
        @click=${() => request(this, 'request-export')}
      >
        ${icon('download')}<span>${csv ? formats.say('{n} / {total}', { n: csv.rows, total: csv.total }) : 'CSV'}</span>
      </button>
    `
  }

  #choice(value: string, count: number | undefined, word = value): Choice {
    return { value, word, count: count === undefined ? null : this.context.formats.count(count) }
  }

  #ask(changes: Partial<ViewQuery>): void {
    request(this, 'request-view', changes)
  }
}
