import type { Client, DashboardState } from '@taskloom/client'
import type { TemplateResult } from 'lit'
import type { Formats } from './format.ts'

/** A tab of the page that embeds the dashboard, drawn in the browser. Those that a server draws come by themselves. */
export interface HostPanel {
  /** Letters, digits, `-` and `_`; the tab is called `panel:<id>`. One of the server with the same id gives way. */
  readonly id: string
  /** What the tab says. */
  readonly title: string
  /** Draws it, anew whenever the state changes. What it throws is shown in its place. A text stays a text. */
  readonly render: (context: HostPanelContext) => TemplateResult | Node | string
}

/** What a panel of the page is drawn from. */
export interface HostPanelContext {
  /** Everything that the dashboard shows. */
  readonly state: DashboardState
  /** Numbers, spans and instants in the operator's language and time zone. */
  readonly formats: Formats
  /** For reads of its own: the dashboard's client, with its headers. */
  readonly client: Client
}
