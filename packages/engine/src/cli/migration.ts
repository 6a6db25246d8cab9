import { existsSync } from 'node:fs'
import { hostname } from 'node:os'
import { isProcessAlive } from '../run/process-alive.ts'
import type { Store, WorkerState } from '../stores/store.ts'
import { isFilePlace, storeAt } from '../stores/store-at.ts'
import type { TransferEnds } from '../stores/transfer/plan.ts'
import { CommandError, exitCodes } from './exit.ts'

/** The two stores that a migration is about, as they are named. */
export interface MigrationPlaces {
  readonly from: string
  readonly to: string
}

/** Opens both for as long as `act` runs. Makes no file where there must be one. */
export async function withEnds<T>({ from, to }: MigrationPlaces, act: (ends: TransferEnds) => Promise<T>): Promise<T> {
  requireThere(from)
  const [source, target] = [storeAt(from), storeAt(to)]
  try {
    await source.open()
    await target.open()
    return await act({ source, target })
  } finally {
    await source.close()
    await target.close()
  }
}

/** Opens one. */
export async function withStore<T>(place: string, act: (store: Store) => Promise<T>): Promise<T> {
  requireThere(place)
  const store = storeAt(place)
  try {
    await store.open()
    return await act(store)
  } finally {
    await store.close()
  }
}

/** Whether a place is a file that is not there. */
export function isMissingFile(place: string): boolean {
  return isFilePlace(place) && !existsSync(place)
}

/** A process whose lease has not ended lives, unless this machine knows better. */
export function isLiveAt(now: number): (worker: WorkerState) => boolean {
  return (worker) => worker.leaseUntil > now && (worker.hostname !== hostname() || isProcessAlive(worker.pid))
}

/** Throws where a file is named that is not there: it would be made. */
export function requireThere(place: string): void {
  if (isMissingFile(place)) throw new CommandError(exitCodes.unreachable, `There is no file ${place}`)
}
