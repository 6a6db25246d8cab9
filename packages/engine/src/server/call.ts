import type { Route, RouteMatch } from '@taskloom/protocol'
import type { Assets } from './assets.ts'
import type { ExportDesk } from './exports/desk.ts'
import type { HandlerContext } from './handler.ts'
import type { AuditTrail } from './audit-trail.ts'
import type { Caller } from './identity/caller.ts'
import type { Place } from './identity/forwarded.ts'
import type { KeptPages } from './kept-pages.ts'
import type { LiveHub } from './live.ts'
import type { ServerSettings } from './options.ts'
import type { TaskSource } from './source.ts'

/** What one handler serves. */
export interface Served {
  /** Everything; what one caller may see of it is {@link Call.source}. */
  readonly source: TaskSource
  readonly settings: ServerSettings
  readonly hub: LiveHub
  readonly assets: Assets
  readonly pages: KeptPages
  readonly exports: ExportDesk
  /** Where requests are noted that have no write of their own. */
  readonly trail: AuditTrail
}

/** One request that has found its route and whose caller is known. */
export interface Call {
  readonly request: Request
  readonly context: HandlerContext
  readonly query: URLSearchParams
  readonly match: RouteMatch
  readonly route: Route
  readonly now: number
  readonly caller: Caller
  /** Where the request comes from, as far as proxies are trusted; null when nobody knows. */
  readonly address: string | null
  /** The same with where it went to. */
  readonly place: Place
  /** The source as this caller may see it. */
  readonly source: TaskSource
}
