import { offeredActions, versionGap, type DashboardState, type TabName } from '@taskloom/client'
import { html, nothing, type TemplateResult } from 'lit'
import type { Formats } from '../format.ts'
import type { PartContext } from '../part-element.ts'
import type { PartName, PartsController } from '../parts.ts'
import { busyIds } from './selections.ts'
import { screenPart } from './tabs.ts'
import { renderPage } from './view-screen.ts'

/** The screens beside View, each with what it shows. */
export function renderScreen(tab: TabName, parts: PartsController, context: PartContext) {
  const part = screenPart(tab)
  if (part) return renderPart(part, parts, context)
  return tab === 'dead-letters' ? renderDeadLetters(context, parts) : nothing
}

/** In the place of everything while the server asks who it is; null while it does not. */
export function renderLogin(parts: PartsController, context: PartContext): TemplateResult | null {
  return context.state.connection.kind === 'unauthenticated' ? renderPart('task-login', parts, context) : null
}

/** For the menu of the header: who has signed in. */
export function renderAccount(parts: PartsController, context: PartContext) {
  const part = context.state.connection.kind === 'live' ? parts.get('task-account') : null
  return part instanceof HTMLElement ? Object.assign(part, { context, slot: 'account' }) : nothing
}

/** A part in its place, or what stands there until it has come. */
function renderPart(name: PartName, parts: PartsController, context: PartContext) {
  const { say } = context.formats
  const part = parts.get(name)
  if (part instanceof HTMLElement) return html`${Object.assign(part, { context })}`
  if (part === 'loading') return renderSkeleton(say('Loading'))
  return html`<div class="card">
    <task-notice
      icon="alert"
      tone="bad"
      heading=${say('This screen could not be loaded')}
      text=${say('Its file did not come. If the server was updated, load the page anew.')}
    >
      <button class="btn" type="button" @click=${() => void parts.load(name)}>${say('Try again')}</button>
    </task-notice>
  </div>`
}

/** Rows to come. */
export function renderSkeleton(label: string): TemplateResult {
  return html`<div class="skeleton" role="status" aria-label=${label}>
    ${Array.from({ length: 8 }, () => html`<i></i>`)}
  </div>`
}

/** Windows and kinds of failure; the rows stand below them. */
function renderDeadLetters(context: PartContext, parts: PartsController) {
  const rows = context.state.list.tasks.length > 0 ? renderPage(context) : nothing
  return html`${renderPart('task-dead-letters', parts, context)}${rows}`
}

/** What the server has everybody know, and that one of the two does not understand the other. */
export function renderNotices({ capabilities }: DashboardState, { say }: Formats) {
  const notices = capabilities?.notices ?? []
  const gap = versionGap(capabilities)
  if (gap === null && notices.length === 0) return nothing
  return html`<div class="notices">
    ${gap && renderGap(gap === 'older_page', say)} ${notices.map((notice) => html`<p class="warn">${notice}</p>`)}
  </div>`
}

function renderGap(isOlder: boolean, say: Formats['say']): TemplateResult {
  return html`<p class="warn" role="alert">
    ${
      isOlder
        ? say('This page is older than the server: load it anew.')
        : say('This page is newer than the server: update that first.')
    }
    ${isOlder ? html`<button class="btn" @click=${() => location.reload()}>${say('Load anew')}</button>` : nothing}
  </p>`
}

/** `width`: its inline size beside the rows, px. */
export function renderPanel(parts: PartsController, context: PartContext, width: number) {
  const { state, formats } = context
  const { open, capabilities } = state
  if (!open) return nothing
  const panel = parts.get('task-detail-panel')
  if (!(panel instanceof HTMLElement)) {
    const words = panel === 'failed' ? 'This screen could not be loaded' : 'Loading'
    return html`<div class="card aside panel-to-come" role="status">${formats.say(words)}</div>`
  }
  return html`<task-detail-panel
    class="aside"
    part="detail"
    .open=${open}
    .offered=${open.detail ? offeredActions(open.detail, capabilities) : []}
    .busyIds=${busyIds(state)}
    .isPaused=${state.isPaused}
    .width=${width}
    .context=${context}
    ><slot name="detail-extra" slot="detail-extra"></slot
  ></task-detail-panel>`
}
