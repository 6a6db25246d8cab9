import type { TabName } from '@taskloom/client'
import { html, nothing } from 'lit'
import type { PartContext } from '../part-element.ts'
import type { PartsController } from '../parts.ts'
import { renderFigures } from './figures.ts'
import type { Drawn } from './first-draw.ts'
import { renderLogin, renderNotices, renderPanel, renderScreen } from './screens.ts'
import { tabEntries } from './selections.ts'
import { renderBulkBar } from './tools.ts'
import { renderView } from './view-screen.ts'

/** Everything below the head: figures, tabs, the screen and the panel; only hidden while the server asks who it is. */
export function renderBody(
  parts: PartsController,
  context: PartContext,
  tabs: readonly TabName[] | undefined,
  panelWidth: number,
  drawn: Drawn,
) {
  const { state, formats } = context
  const { view } = state
  const login = renderLogin(parts, context)
  return html`${login ?? nothing}
    <div ?hidden=${login !== null}>
      ${renderNotices(state, formats)}
      ${drawn === 'all' ? renderFigures(state, formats) : html`<div class="card figures"></div>`}
      ${
        drawn === 'all'
          ? html`<task-tab-bar .entries=${tabEntries(context, tabs)} .active=${view.tab}></task-tab-bar>`
          : html`<div class="tabs-to-come"></div>`
      }
      <div class="split ${state.open ? 'open' : ''}">
        <div class="screen" role="tabpanel" aria-label=${formats.say('Screen')} part="screen">
          ${view.tab === 'view' ? renderView(context, drawn) : renderScreen(view.tab, parts, context)}
        </div>
        ${renderPanel(parts, context, panelWidth)}
      </div>
      ${renderBulkBar(parts, context)}
    </div> `
}
