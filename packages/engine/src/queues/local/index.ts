import type { Queue } from '../queue.ts'
import { LocalDispatcher } from './dispatcher.ts'

/** Tasks wait in the store, and each process that has it open takes what it can run. What a manager does by default. */
export function local(): Queue {
  return {
    name: 'local',
    supports: { distribution: false, fleetLimits: false },
    connect: (host) => new LocalDispatcher(host),
  }
}
