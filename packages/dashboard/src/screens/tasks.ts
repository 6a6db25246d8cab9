import { canDo, canRead } from '@taskloom/client'
import {
  fullerRoutes,
  pageRoutes,
  serverRoutes,
  type Drift,
  type FunctionEntry,
  type Timeline,
} from '@taskloom/protocol'
import { css, html, nothing } from 'lit'
import { state } from 'lit/decorators.js'
import { repeat } from 'lit/directives/repeat.js'
import { request } from '../events.ts'
import { problemWords } from '../format.ts'
import { icon } from '../icons.ts'
import { PartElement } from '../part-element.ts'
import { base, buttons, chips, inputs, tables } from '../styles/controls.ts'
import { listStyles } from './list-styles.ts'
import { renderAge } from './answers.ts'
import { Reading } from './reading.ts'
import { sparkline, sparkStyles } from './spark.ts'
import { configuration } from './tasks/badges.ts'
import { driftNotes } from './tasks/drift.ts'
import { FunctionDetails } from './tasks/function-detail.ts'
import { arrangeFunctions, type FunctionOrder } from './tasks/order.ts'
import { renderMore, renderToolbar, sortMenu, toolbarStyles } from './toolbar.ts'

const pageRows = 60
const columns = 8
const dayMs = 86_400_000

/** What is known beside the functions themselves; null where it is not told. */
interface Beside {
  readonly drift: Drift | null
  /** Tasks of the last day by function. */
  readonly timeline: Timeline | null
}

/** The functions that are registered, how each is configured, and what its tasks did so far. */
export class Functions extends PartElement {
  @state() private find = ''
  @state() private order: FunctionOrder = 'name'
  @state() private rows = pageRows
  @state() private opened: ReadonlySet<string> = new Set()
  readonly #all: Reading<readonly FunctionEntry[]> = new Reading<readonly FunctionEntry[]>(this, {
    ask: ({ client }, signal) => client.ask(fullerRoutes.functions, { signal }),
    about: () => [this.state.functions],
    isWanted: () => canRead(this.state.capabilities, 'functions'),
  })
  readonly #beside: Reading<Beside> = new Reading<Beside>(this, {
    ask: async ({ client }, signal) => {
      const params = new URLSearchParams({ hours: '24', group: 'func_name' })
      const [drift, timeline] = await Promise.all([
        client.ask(serverRoutes.drift, { signal }).catch(() => null),
        client.ask(pageRoutes.timeline, { params, signal }).catch(() => null),
      ])
      return { drift, timeline }
    },
    hints: ['workers'],
    isWanted: () => this.state.capabilities !== null,
  })

  static override styles = [
    base,
    buttons,
    chips,
    inputs,
    tables,
    listStyles,
    sparkStyles,
    toolbarStyles,
    css`
      .drift {
        display: grid;
        gap: 8px;
        margin-block-end: 12px;
      }
      .drift .link {
        color: inherit;
        text-decoration: underline;
        text-underline-offset: 3px;
      }
      .name-cell {
        display: flex;
        align-items: flex-start;
        gap: 4px;
      }
      .name-cell .btn {
        inline-size: 22px;
        min-block-size: 20px;
        padding: 0;
        flex: none;
      }
      .name-cell svg {
        transition: none;
      }
      [aria-expanded='true'] svg {
        transform: rotate(180deg);
      }
      td.num,
      .day {
        white-space: nowrap;
      }
      .bad {
        margin-inline-end: 4px;
        color: var(--td-failed);
      }
      .day {
        display: flex;
        align-items: center;
        gap: 8px;
      }
      tr.inside td {
        border-block-start: 0;
      }
      tr.open td {
        border-block-end-color: transparent;
      }
      @container (max-width: 760px) {
        tbody tr {
          display: flex;
          flex-wrap: wrap;
          align-items: center;
          gap: 2px 14px;
        }
        td {
          flex: none;
        }
        td.num {
          padding-inline-end: 0;
        }
        td:first-child {
          flex: 1 1 60%;
        }
        td.acts-cell {
          order: 1;
        }
        .acts {
          padding: 0;
        }
        td.set {
          order: 2;
          flex-basis: 100%;
        }
        td:is(.num, .last-day) {
          order: 3;
        }
        tr.inside td {
          flex: 1;
        }
      }
    `,
  ]

  override render() {
    const { say } = this.formats
    const { capabilities } = this.state
    const all = this.#all.value ?? this.state.functions
    if (all.length === 0 || !canRead(capabilities, 'functions'))
      return html`<div class="card">${this.#renderNothing()}</div>`
    const found = arrangeFunctions(all, this.find, this.order)
    return html`${this.#renderToolbar(found.length)} ${renderAge(this.#all, this.formats)}
      ${driftNotes(this.#beside.value?.drift ?? null, this.formats)}
      <div class="card">
        ${
          found.length > 0
            ? this.#renderTable(found)
            : html`<task-notice
                icon="search"
                heading=${say('No function is called so')}
                text=${say('Search for something else.')}
              ></task-notice>`
        }
      </div>`
  }

  #renderToolbar(found: number) {
    const { say, sayCount } = this.formats
    return renderToolbar({
      findWord: say('Find a function'),
      onFind: (text) => {
        this.find = text
        this.rows = pageRows
      },
      menus: [
        sortMenu(
          say('Sorted by'),
          { name: say('Name'), runs: say('Most runs'), failed: say('Most failures'), p95: say('Slowest') },
          this.order,
          (order) => (this.order = order),
        ),
      ],
      found: sayCount(found, '{n} function', '{n} functions'),
      actions: canDo(this.state.capabilities, 'enqueue')
        ? html`<button
            class="btn tall"
            type="button"
            data-enqueue
            @click=${() => request(this, 'request-dialog', { dialog: 'enqueue', subject: {} })}
          >
            ${icon('play')}${say('Enqueue…')}
          </button>`
        : nothing,
    })
  }

  #renderTable(found: readonly FunctionEntry[]) {
    const { say } = this.formats
    const timeline = this.#beside.value?.timeline ?? null
    const rest = found.length - this.rows
    return html`<table aria-label=${say('Functions')}>
        <thead>
          <tr>
            <th scope="col">${say('Function')}</th>
            <th scope="col">${say('Configuration')}</th>
            <th scope="col" class="num">${say('Runs')}</th>
            <th scope="col" class="num">${say('OK')}</th>
            <th scope="col" class="num">${say('Average')}</th>
            <th scope="col" class="num">P95</th>
            <th scope="col">${say('Last 24 h')}</th>
            <th scope="col"><span class="unseen">${say('Actions')}</span></th>
          </tr>
        </thead>
        <tbody>
          ${repeat(
            found.slice(0, this.rows),
            ({ funcName }) => funcName,
            (view) => this.#renderRow(view, timeline),
          )}
        </tbody>
      </table>
      ${renderMore(rest, () => (this.rows += pageRows), this.formats)}`
  }

  #renderRow(view: FunctionEntry, timeline: Timeline | null) {
    const { stats, funcName } = view
    const { say, count, percent, duration } = this.formats
    const isOpen = this.opened.has(funcName)
    const show = (statuses: readonly 'failed'[] = []) =>
      request(this, 'request-view', { tab: 'view', funcNames: [funcName], statuses })
    return html`<tr class=${isOpen ? 'open' : ''} data-function=${funcName}>
        <td>
          <div class="name-cell">
            <button
              class="btn ghost icon"
              type="button"
              aria-expanded=${String(isOpen)}
              aria-label=${say('More about {function}', { function: funcName })}
              @click=${() => this.#toggle(funcName)}
            >
              ${icon('down')}
            </button>
            <span>
              <button class="link" type="button" title=${say('Show its tasks')} @click=${() => show()}>
                ${funcName.slice(0, 200)}
              </button>
              ${view.description ? html`<p class="small muted">${view.description.slice(0, 200)}</p>` : nothing}
            </span>
          </div>
        </td>
        <td class="set">
          <div class="words">
            ${configuration(view, this.formats).map(({ word, title }) => html`<span class="tag" title=${title}>${word}</span>`)}${this.#renderSeen(view)}
          </div>
        </td>
        <td class="num"><span class="label">${say('Runs')} </span>${count(stats.total)}</td>
        <td class="num ${stats.failed > 0 ? '' : 'muted'}">
          <span class="label">${say('OK')} </span>
          ${stats.failed > 0 ? html`<button class="link small bad" type="button" title=${say('Show its failures')} @click=${() => show(['failed'])}>${say('{n} failed', { n: count(stats.failed) })}</button>` : nothing}
          ${percent(stats.successRate)}
        </td>
        <td class="num muted"><span class="label">${say('Average')} </span>${duration(stats.avgDurationMs)}</td>
        <td class="num muted"><span class="label">P95 </span>${duration(stats.p95DurationMs)}</td>
        <td class="last-day">${this.#renderDay(funcName, timeline)}</td>
        <td class="acts-cell"><div class="acts">${this.#renderEnqueue(funcName)}</div></td>
      </tr>
      ${
        isOpen
          ? html`<tr class="inside">
              <td colspan=${columns}>
                <task-function-details
                  .view=${view}
                  .client=${this.context.client}
                  .formats=${this.formats}
                ></task-function-details>
              </td>
            </tr>`
          : nothing
      }`
  }

  /** Whether all processes define it, and whether it is used at all. */
  #renderSeen({ funcName, drift, registeredIn, liveWorkers }: FunctionEntry) {
    const { say, count } = this.formats
    const isUnseen = this.#beside.value?.drift?.unseen.includes(funcName) ?? false
    return html`${
      drift
        ? html`<span class="tag bad" title=${say('Processes of another version may not run it')}
            >${say('in {some} of {all} processes', { some: count(registeredIn ?? 0), all: count(liveWorkers ?? 0) })}</span
          >`
        : nothing
    }${isUnseen ? html`<span class="tag" title=${say('It is defined, and had no task within seven days')}>${say('not used lately')}</span>` : nothing}`
  }

  /** Twenty-four bars of an hour each, and how many an hour that makes. */
  #renderDay(funcName: string, timeline: Timeline | null) {
    if (!timeline) return html`<span class="faint">—</span>`
    const { say, count, axis } = this.formats
    const counts = timeline.buckets.map(({ at, counts: all }) => ({ at, n: all[funcName] ?? 0 }))
    const total = counts.reduce((sum, { n }) => sum + n, 0)
    if (total === 0) return html`<span class="faint">—</span>`
    const merged = mergeTo24(counts)
    const most = Math.max(1, ...merged.map(({ n }) => n))
    const words = say('{n} per hour', { n: count(Math.round((total / 24) * 10) / 10) })
    const bars = merged.map(({ at, n }) => ({
      share: n / most,
      status: 'plain',
      title: `${axis(at, dayMs)} · ${count(n)}`,
    }))
    return html`<div class="day">${sparkline(bars, words)}<span class="small muted">${words}</span></div>`
  }

  #renderEnqueue(funcName: string) {
    if (!canDo(this.state.capabilities, 'enqueue')) return nothing
    const { say } = this.formats
    return html`<button
      class="btn"
      type="button"
      aria-label=${say('Enqueue {function}', { function: funcName })}
      @click=${() => request(this, 'request-dialog', { dialog: 'enqueue', subject: { funcName } })}
    >
      ${say('Enqueue…')}
    </button>`
  }

  #toggle(funcName: string): void {
    const others = [...this.opened].filter((name) => name !== funcName)
    this.opened = new Set(this.opened.has(funcName) ? others : [...others, funcName])
  }

  #renderNothing() {
    const { say } = this.formats
    const { problem } = this.#all
    if (this.state.capabilities !== null && !canRead(this.state.capabilities, 'functions')) {
      return html`<task-notice
        icon="zap"
        heading=${say('No functions here')}
        text=${say('This source does not offer them.')}
      ></task-notice>`
    }
    if (problem) {
      const isForbidden = problem.status === 403
      return html`<task-notice
        icon=${isForbidden ? 'lock' : 'alert'}
        tone=${isForbidden ? '' : 'bad'}
        heading=${isForbidden ? say('You may not see the functions') : say('The functions could not be loaded')}
        text=${problemWords(problem)}
        ><button class="btn" type="button" @click=${() => this.#all.again()}>${say('Try again')}</button></task-notice
      >`
    }
    if (this.#all.value === null)
      return html`<task-notice icon="zap" heading=${say('Loading functions')}></task-notice>`
    return html`<task-notice
      icon="zap"
      heading=${say('No functions are registered')}
      text=${say('What the process defines appears here, with how it is configured.')}
    >
      <pre class="snippet" dir="ltr">${snippet}</pre>
    </task-notice>`
  }
}

// Line by line: the build takes the indents out of texts of several lines.
const snippet = [
  "const sendReceipt = tasks.define('send_receipt', { retries: 3 }, async (to: string) => {",
  '  // …',
  '})',
].join('\n')

function mergeTo24(counts: readonly { readonly at: number; readonly n: number }[]) {
  const size = Math.max(1, Math.ceil(counts.length / 24))
  return counts.flatMap(({ at }, index) => {
    if (index % size !== 0) return []
    return [{ at, n: counts.slice(index, index + size).reduce((sum, { n }) => sum + n, 0) }]
  })
}

export const elements = { 'task-function-details': FunctionDetails, 'task-functions': Functions }

declare global {
  interface HTMLElementTagNameMap {
    'task-functions': Functions
  }
}
