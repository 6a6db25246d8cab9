import {
  browserSnapshots,
  browserStorage,
  createClient,
  createDashboardStore,
  type DashboardStore,
  type HeaderSource,
  type ViewQuery,
} from '@taskloom/client'

export interface StoreSettings {
  /** As the attribute says; resolved against the document's base. */
  readonly src: string
  readonly headers: HeaderSource | undefined
  readonly fetch: typeof fetch | undefined
  readonly credentials: RequestCredentials | undefined
  readonly pollIntervalMs: number | undefined
  readonly view: Partial<ViewQuery>
}

/** The one store of a dashboard element, over the browser's own storage and visibility. */
export function openStore({ src, headers, fetch, credentials, pollIntervalMs, view }: StoreSettings): DashboardStore {
  const client = createClient({ src: new URL(src, document.baseURI).href, headers, fetch, credentials })
  return createDashboardStore(client, {
    view,
    pollIntervalMs,
    storage: browserStorage(),
    snapshots: browserSnapshots(),
    visibility: {
      isHidden: () => document.hidden,
      onVisibilityChange(callback) {
        document.addEventListener('visibilitychange', callback)
        return () => document.removeEventListener('visibilitychange', callback)
      },
    },
    schedule: (notify) => afterFrame(notify),
  })
}

/** Many changes within a frame are one; a hidden page has no frames, and a timer stands in. */
function afterFrame(notify: () => void): void {
  if (document.hidden) setTimeout(notify, 50)
  else requestAnimationFrame(notify)
}
