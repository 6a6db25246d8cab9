import type { DashboardState } from '@taskloom/client'
import { html } from 'lit'
import type { Formats } from '../format.ts'

/** The figures of the filter and its chart. */
export function renderFigures({ metrics, timeline, view }: DashboardState, formats: Formats) {
  return html`
    <div class="card figures" part="figures">
      <task-stat-strip
        .metrics=${metrics}
        .statuses=${view.tab === 'dead-letters' ? ['failed'] : view.statuses}
        .formats=${formats}
      ></task-stat-strip>
      <task-chart .timeline=${timeline} .range=${view.range} .series=${view.series} .formats=${formats}></task-chart>
    </div>
  `
}
