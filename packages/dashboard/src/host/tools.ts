import { canRead, type DashboardState } from '@taskloom/client'
import { html, nothing, type ReactiveElement } from 'lit'
import type { Formats } from '../format.ts'
import type { PartContext, Tool } from '../part-element.ts'
import type { PartName, PartsController } from '../parts.ts'

/** What is chosen in the rows, and what may be done with it. */
export function renderBulkBar(parts: PartsController, context: PartContext) {
  const { selectedIds, selectedAll, view } = context.state
  const isNeeded = (selectedAll || selectedIds.size > 0) && (view.tab === 'view' || view.tab === 'dead-letters')
  return isNeeded ? renderTool('task-bulk-bar', parts, context) : nothing
}

/** What is said for a moment, and what goes on in the background, where the server can do that. */
export function renderToasts(parts: PartsController, context: PartContext | null, formats: Formats) {
  const isOffered = context !== null && canRead(context.state.capabilities, 'operations')
  return html`<task-toasts .toasts=${context?.state.toasts ?? []} .formats=${formats}
    >${isOffered ? renderTool('task-operation-tray', parts, context) : nothing}</task-toasts
  >`
}

/** Fetches what a click will want, once there are rows. */
export function prefetchTools(parts: PartsController, state: DashboardState | null): void {
  if (state?.list.phase !== 'ready') return
  parts.prefetch('task-detail-panel')
  parts.prefetch('task-ask-dialog')
  if (canRead(state.capabilities, 'operations')) parts.prefetch('task-operation-tray')
}

/** Gives a part something to do as soon as it is there and drawn. */
export async function useTool(host: ReactiveElement, parts: PartsController, name: PartName, subject: unknown) {
  const part = (await parts.load(name)) as Tool | null
  host.requestUpdate()
  await host.updateComplete
  part?.use(subject)
}

/** A part that is not missed before it has come. */
function renderTool(name: PartName, parts: PartsController, context: PartContext) {
  const part = parts.get(name)
  return part instanceof HTMLElement ? Object.assign(part, { context }) : nothing
}
