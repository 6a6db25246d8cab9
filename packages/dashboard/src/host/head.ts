import type { DashboardState } from '@taskloom/client'
import { html, nothing } from 'lit'
import type { Density, Theme } from '../events.ts'
import type { Formats } from '../format.ts'
import type { PartContext } from '../part-element.ts'
import type { PartsController } from '../parts.ts'
import type { Drawn } from './first-draw.ts'
import { renderAccount } from './screens.ts'

interface HeadHost extends HTMLElement {
  readonly headingLevel: number
  readonly theme: Theme
  readonly density: Density
}

/** The title, the state of the connection and the menu, with what the page puts there. */
export function renderHead(
  host: HeadHost,
  state: DashboardState | null,
  formats: Formats,
  parts: PartsController,
  context: PartContext | null,
  drawn: Drawn,
) {
  if (drawn !== 'all') return html`<div class="head-to-come"></div>`
  return html`<task-header
    .heading=${host.title || state?.capabilities?.title || formats.say('Background tasks')}
    .environment=${state?.capabilities?.environment ?? null}
    .connection=${state?.connection ?? null}
    .isPaused=${state?.isPaused ?? false}
    .heldCount=${state?.heldCount ?? 0}
    .heldIsCapped=${state?.heldIsCapped ?? false}
    .dataAt=${state?.dataAt ?? null}
    .headingLevel=${host.headingLevel}
    .theme=${host.theme}
    .density=${host.density}
    .formats=${formats}
    ><slot name="title" slot=${host.querySelector('[slot="title"]') ? 'title' : 'none'}></slot
    ><slot name="toolbar" slot="toolbar"></slot>${context ? renderAccount(parts, context) : nothing}</task-header
  >`
}
