import {
  browserSnapshots,
  browserStorage,
  createClient,
  createDashboardStore,
  type Client,
  type DashboardStore,
  type DashboardStoreOptions,
  type ViewQuery,
} from '@taskloom/client'
import { authorize, type Credentials } from './authorize.ts'
import { withTransport } from './transport.ts'
import { pageVisibility } from './visibility.ts'

export interface StoreSettings extends Credentials {
  /** As the attribute says; resolved against the document's base. */
  readonly src: string
  readonly transport: string | null
  readonly fetch: typeof fetch | undefined
  readonly credentials: RequestCredentials | undefined
  readonly pollIntervalMs: number | undefined
  readonly given: DashboardStoreOptions['given']
  readonly drawn: () => Promise<void>
  /** What is shown first; it is told the absolute address. */
  readonly view: (src: string) => Partial<ViewQuery>
}

/** Whom a dashboard element asks, and its one store, over the browser's own storage and visibility. */
export function openStore(settings: StoreSettings): {
  readonly client: Client
  readonly store: DashboardStore
} {
  const { src, transport, fetch, credentials, pollIntervalMs, view, given, drawn, ...who } = settings
  const headers = authorize(who)
  // Headers cannot be sent with a socket.
  const way = headers && transport === 'ws' ? null : transport
  const client = withTransport(
    createClient({ src: new URL(src, document.baseURI).href, headers, fetch, credentials }),
    way,
  )
  const store = createDashboardStore(client, {
    view: view(client.src),
    pollIntervalMs,
    given,
    drawn,
    storage: browserStorage(),
    snapshots: browserSnapshots(),
    visibility: pageVisibility,
    schedule: (notify) => afterFrame(notify),
  })
  return { client, store }
}

/** Many changes within a frame are one; a hidden page has no frames, and a timer stands in. */
function afterFrame(notify: () => void): void {
  if (document.hidden) setTimeout(notify, 50)
  else requestAnimationFrame(notify)
}
