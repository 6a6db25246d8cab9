import type { Clock } from '../../core/clock.ts'
import type { Feed } from '../../observe/feed.ts'
import type { Queues } from './queues.ts'
import type { Window } from './window.ts'

/** What every verb of the source is given. */
export interface Parts {
  readonly queues: Queues
  readonly window: Window
  readonly feed: Feed
  readonly clock: Clock
}
