import { canDo, filterChips, hasFilter, pageWords, type DashboardState } from '@taskloom/client'
import { html, type TemplateResult } from 'lit'
import { request } from '../events.ts'
import { problemWords, type Formats } from '../format.ts'
import { busyIds, canActions, p95s } from './selections.ts'

/** The View tab: filters, rows or the state that stands for them, and the foot. */
export function renderView(state: DashboardState, formats: Formats): TemplateResult {
  const { view, list, capabilities } = state
  const chips = filterChips(view)
  return html`
    <task-filter-row
      .view=${view}
      .chips=${chips.filter(({ field }) => field !== 'search')}
      .searchProblem=${state.searchProblem}
      .metrics=${state.metrics}
      .types=${state.types}
      .queues=${state.queues}
      .csv=${state.csv}
      .canClearHistory=${canDo(capabilities, 'clear_history')}
      .formats=${formats}
    ></task-filter-row>
    ${list.tasks.length > 0 ? renderPage(state, formats) : html`<div class="card">${renderNoRows(state)}</div>`}
  `
}

/** The rows that there are, and their foot. */
export function renderPage(state: DashboardState, formats: Formats): TemplateResult {
  const { list, view } = state
  return html`
    <div class="card">
      <task-table
        .list=${list}
        .sort=${view.sort}
        .order=${view.order}
        .selectedIds=${state.selectedIds}
        .flashedIds=${state.flashedIds}
        .busyIds=${busyIds(state)}
        .openId=${state.open?.taskId ?? null}
        .p95s=${p95s(state)}
        .actions=${canActions(state)}
        .isPaused=${state.isPaused}
        .formats=${formats}
      ></task-table>
    </div>
    <task-page-footer
      .list=${list}
      .words=${pageWords(list, view)}
      .isNewestFirst=${view.sort === 'created_at' && view.order === 'desc'}
      .isFirstPage=${view.cursor === null}
      .selectedCount=${state.selectedIds.size}
      .isRetrying=${[...state.busyActions].some((name) => /^(bulk-retry|retry-failed)/.test(name))}
      .formats=${formats}
    ></task-page-footer>
  `
}

function renderNoRows(state: DashboardState): TemplateResult {
  const { list, connection } = state
  if (connection.kind === 'unauthenticated') {
    return html`<task-notice
      icon="lock"
      heading="You are signed out"
      text="Sign in to the site again, then come back here."
    >
      ${button('Try again', 'request-refresh')}
    </task-notice>`
  }
  if (connection.kind === 'forbidden') {
    return html`<task-notice
      icon="ban"
      heading="No access"
      text=${problemText(state) || 'Your account may not see tasks.'}
    >
      ${button('Try again', 'request-refresh')}
    </task-notice>`
  }
  if (list.phase === 'failed') {
    return html`<task-notice icon="alert" tone="bad" heading="The tasks could not be loaded" text=${problemText(state)}>
      ${button('Try again', 'request-refresh')}
    </task-notice>`
  }
  if (list.phase === 'loading') {
    return html`<div class="skeleton" role="status" aria-label="Loading tasks">
      ${Array.from({ length: 8 }, () => html`<i></i>`)}
    </div>`
  }
  if (hasFilter(state)) {
    return html`<task-notice icon="search" heading="Nothing matches" text="No task fits all of these filters.">
      ${button('Clear filters', 'request-clear-filters')}
    </task-notice>`
  }
  return renderFirstRun()
}

const snippet = `const sendReceipt = tasks.define('send_receipt', async (order: number) => { … })

await tasks.enqueue(sendReceipt, 88121)`

function renderFirstRun(): TemplateResult {
  return html`<slot name="empty">
    <task-notice heading="No tasks yet" text="The first one appears here the moment it is enqueued.">
      <pre class="snippet">${snippet}</pre>
    </task-notice>
  </slot>`
}

function problemText({ list, connection }: DashboardState): string {
  return problemWords(list.problem ?? connection.problem)
}

function button(word: string, name: 'request-refresh' | 'request-clear-filters'): TemplateResult {
  return html`<button class="btn" type="button" @click=${(event: Event) => request(event.target as EventTarget, name)}>
    ${word}
  </button>`
}
