import type { Clock } from '../core/clock.ts'
import type { Keyring } from '../privacy/keyring.ts'
import type { Announcer } from '../observe/announcer.ts'
import type { Feed } from '../observe/feed.ts'
import type { Dispatcher } from '../queues/queue.ts'
import type { Limits } from '../run/gate.ts'
import type { Mint } from '../run/mint.ts'
import type { Presence } from '../run/presence.ts'
import type { QueueControls } from '../run/queue-controls.ts'
import type { Registry } from '../run/registry.ts'
import type { Runner } from '../run/runner.ts'
import type { Scheduler } from '../run/scheduler.ts'
import type { WriteQueue } from '../run/write-queue.ts'
import type { Panels } from '../server/panels.ts'
import type { PublicTokenReader } from '../server/public-grant.ts'
import type { Store } from '../stores/store.ts'

/** The rooms of the engine as the source needs them. */
export interface SourceParts {
  /** Resolves when the store is open; throws `shut_down` when it is closed for good. */
  readonly ready: () => Promise<void>
  readonly store: Store
  readonly keyring: Keyring
  readonly clock: Clock
  readonly feed: Feed
  readonly announcer: Announcer
  readonly registry: Registry
  readonly writes: WriteQueue
  readonly mint: Mint
  readonly dispatcher: Dispatcher
  readonly runner: Runner
  readonly scheduler: Scheduler
  readonly presence: Presence
  readonly panels: Panels
  readonly publicTokens: PublicTokenReader
  readonly queueControls: QueueControls
  /** Limits of queues in this process. */
  readonly limits: ReadonlyMap<string, Limits>
  /** How many tasks may wait; null without limit. */
  readonly maxPending: number | null
}
