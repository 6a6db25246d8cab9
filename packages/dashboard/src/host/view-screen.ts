import { canDo, filterChips, hasFilter, pageWords, type DashboardState } from '@taskloom/client'
import { html, nothing, type TemplateResult } from 'lit'
import { request } from '../events.ts'
import { problemWords } from '../format.ts'
import type { PartContext } from '../part-element.ts'
import { firstRows, type Drawn } from './first-draw.ts'
import { busyIds, canActions, chosenIds, columnsOf, p95s } from './selections.ts'

/** The View tab: filters, rows or the state that stands for them, and the foot. */
export function renderView(context: PartContext, drawn: Drawn = 'all'): TemplateResult {
  const { state } = context
  return html`
    ${drawn === 'all' ? renderFilters(context) : html`<div class="filters-to-come"></div>`}
    ${state.list.tasks.length > 0 ? renderPage(context, drawn) : html`<div class="card">${renderNoRows(context)}</div>`}
  `
}

function renderFilters(context: PartContext): TemplateResult {
  const { view, capabilities } = context.state
  return html`<task-filter-row
    .context=${context}
    .chips=${filterChips(view)}
    .canClearHistory=${canDo(capabilities, 'clear_history')}
  ></task-filter-row>`
}

/** The rows that there are, and their foot. */
export function renderPage({ state, formats, given }: PartContext, drawn: Drawn = 'all'): TemplateResult {
  const { list, view } = state
  return html`
    <div class="card">
      <task-table
        .list=${list}
        .columns=${columnsOf(state, given)}
        .chosen=${view.columns.length > 0 || given.columns.order !== undefined}
        .formatters=${given.formatters}
        .sort=${view.sort}
        .order=${view.order}
        .selectedIds=${chosenIds(state)}
        .goingIds=${state.goingIds}
        .conflicts=${state.conflicts}
        .flashedIds=${state.flashedIds}
        .busyIds=${busyIds(state)}
        .openId=${state.open?.taskId ?? null}
        .p95s=${p95s(state)}
        .actions=${canActions(state)}
        .isPaused=${state.isPaused}
        .most=${drawn === 'all' ? Infinity : firstRows}
        .formats=${formats}
      ></task-table>
    </div>
    ${
      drawn === 'all'
        ? html`<task-page-footer
            .list=${list}
            .words=${pageWords(list, view)}
            .isNewestFirst=${view.sort === 'created_at' && view.order === 'desc'}
            .isFirstPage=${view.cursor === null}
            .formats=${formats}
          ></task-page-footer>`
        : nothing
    }
  `
}

function renderNoRows({ state, formats: { say } }: PartContext): TemplateResult {
  const { list, connection } = state
  const again = button(say('Try again'), 'request-refresh')
  if (connection.kind === 'forbidden') {
    return html`<task-notice
      icon="ban"
      heading=${say('No access')}
      text=${problemText(state) || say('Your account may not see tasks.')}
    >
      ${again}
    </task-notice>`
  }
  if (list.phase === 'failed') {
    return html`<task-notice
      icon="alert"
      tone="bad"
      heading=${say('The tasks could not be loaded')}
      text=${problemText(state)}
    >
      ${again}
    </task-notice>`
  }
  if (list.phase === 'loading') {
    return html`<div class="skeleton" role="status" aria-label=${say('Loading tasks')}>
      ${Array.from({ length: 8 }, () => html`<i></i>`)}
    </div>`
  }
  if (hasFilter(state)) {
    return html`<task-notice
      icon="search"
      heading=${say('Nothing matches')}
      text=${say('No task fits all of these filters.')}
    >
      ${button(say('Clear filters'), 'request-clear-filters')}
    </task-notice>`
  }
  return html`<slot name="empty">
    <task-notice heading=${say('No tasks yet')} text=${say('The first one appears here the moment it is enqueued.')}>
      <pre class="snippet">${snippet}</pre>
    </task-notice>
  </slot>`
}

const snippet = `const sendReceipt = tasks.define('send_receipt', async (order: number) => { … })

await tasks.enqueue(sendReceipt, 88121)`

function problemText({ list, connection }: DashboardState): string {
  return problemWords(list.problem ?? connection.problem)
}

function button(word: string, name: 'request-refresh' | 'request-clear-filters'): TemplateResult {
  return html`<button class="btn" type="button" @click=${(event: Event) => request(event.target as EventTarget, name)}>
    ${word}
  </button>`
}
