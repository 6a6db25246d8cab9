import { offeredActions, type DashboardState, type TabName } from '@taskloom/client'
import { html, nothing, type TemplateResult } from 'lit'
import type { Formats } from '../format.ts'
import { busyIds, canActions, p95s } from './selections.ts'

/** The screens beside View, and the panel of an open task, each with the slices of the state that it shows. */
export function renderScreen(tab: TabName, state: DashboardState, formats: Formats): TemplateResult | typeof nothing {
  switch (tab) {
    case 'dead-letters':
      return html`<task-dead-letters
        part="dead-letters"
        .list=${state.list}
        .view=${state.view}
        .selectedIds=${state.selectedIds}
        .flashedIds=${state.flashedIds}
        .busyActions=${state.busyActions}
        .failedTotal=${state.failedTotal}
        .openId=${state.open?.taskId ?? null}
        .actions=${canActions(state)}
        .p95s=${p95s(state)}
        .isPaused=${state.isPaused}
        .capabilities=${state.capabilities}
        .formats=${formats}
      ></task-dead-letters>`
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

export interface PanelLook {
  /** Inline size beside the rows, px. */
  readonly width: number
  readonly isReadonly: boolean
}

export function renderPanel(state: DashboardState, formats: Formats, look: PanelLook): TemplateResult | typeof nothing {
  const { open, capabilities } = state
  if (!open) return nothing
  return html`<task-detail-panel
    class="aside"
    part="detail"
    .open=${open}
    .offered=${open.detail && !look.isReadonly ? offeredActions(open.detail, capabilities) : []}
    .busyIds=${busyIds(state)}
    .busyActions=${state.busyActions}
    .capabilities=${capabilities}
    .isPaused=${state.isPaused}
    .width=${look.width}
    .formats=${formats}
    ><slot name="detail-extra" slot="detail-extra"></slot
  ></task-detail-panel>`
}
