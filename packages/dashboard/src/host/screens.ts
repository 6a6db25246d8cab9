import { offeredActions, type DashboardState, type TabName } from '@taskloom/client'
import { html, nothing, type TemplateResult } from 'lit'
import type { Formats } from '../format.ts'
import { busyIds, canActions } from './selections.ts'
import { renderPage } from './view-screen.ts'

/** The screens beside View, and the panel of an open task, each with the slices of the state that it shows. */
export function renderScreen(tab: TabName, state: DashboardState, formats: Formats): TemplateResult | typeof nothing {
  switch (tab) {
    case 'dead-letters':
      return html`<task-dead-letters
        part="dead-letters"
        .list=${state.list}
        .view=${state.view}
        .busyActions=${state.busyActions}
        .failedTotal=${state.failedTotal}
        .actions=${canActions(state)}
        .formats=${formats}
        >${state.list.tasks.length > 0 ? renderPage(state, formats) : nothing}</task-dead-letters
      >`
    case 'schedules':
      return html`<task-schedules
        part="schedules"
        .schedules=${state.schedules}
        .busyActions=${state.busyActions}
        .capabilities=${state.capabilities}
        .isPaused=${state.isPaused}
        .formats=${formats}
      ></task-schedules>`
    case 'tasks':
      return html`<task-functions
        part="functions"
        .functions=${state.functions}
        .capabilities=${state.capabilities}
        .formats=${formats}
      ></task-functions>`
    case 'view':
      return nothing
  }
}

/** `width`: its inline size beside the rows, px. */
export function renderPanel(state: DashboardState, formats: Formats, width: number): TemplateResult | typeof nothing {
  const { open, capabilities } = state
  if (!open) return nothing
  return html`<task-detail-panel
    class="aside"
    part="detail"
    .open=${open}
    .offered=${open.detail ? offeredActions(open.detail, capabilities) : []}
    .busyIds=${busyIds(state)}
    .isPaused=${state.isPaused}
    .width=${width}
    .formats=${formats}
    ><slot name="detail-extra" slot="detail-extra"></slot
  ></task-detail-panel>`
}
