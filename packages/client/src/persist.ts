import type { TaskSummary } from '@taskloom/protocol'
import { createStore, get, set } from 'idb-keyval'
import type { ViewQuery } from './state.ts'
import { readView } from './view-query.ts'

/** What an operator set and finds again; never a place in a list, a payload or a token. */
export interface Preferences {
  /** What was asked for. */
  readonly view: ViewQuery
  /** Whether live changes were held back. */
  readonly isPaused: boolean
}

/** What was on the screen last, and what changed since while it was paused. */
export interface Snapshot {
  /** Id of the last live event that counted, to be resumed there. */
  readonly lastEventId: string | null
  /** When the rows came from the server, epoch milliseconds; null if never. */
  readonly dataAt: number | null
  /** Tasks that changed while paused. */
  readonly heldIds: readonly string[]
  /** Whether there are more of them. */
  readonly heldIsCapped: boolean
  /** Rows without anything that user code wrote: no error, tags, progress or label. */
  readonly tasks: readonly TaskSummary[]
}

/** The part of `localStorage` that is used. */
export interface KeyValueStorage {
  /** Null where nothing is kept. */
  getItem(key: string): string | null
  /** May throw when there is no room; nothing is remembered then. */
  setItem(key: string, value: string): void
}

/** The part of IndexedDB that is used, as promises. */
export interface SnapshotStorage {
  /** Undefined where nothing is kept. */
  get(key: string): Promise<unknown>
  /** Resolves when it is kept. */
  set(key: string, value: unknown): Promise<void>
}

/** What is remembered over a reload. Broken or foreign data is as if there were none, and nothing throws. */
export interface Persistence {
  /** What was set last; null when nothing was. */
  readPreferences(): Preferences | null
  /** Keeps it, for this mount alone. */
  writePreferences(preferences: Preferences): void
  /** What was on the screen last; null when there is nothing. */
  readSnapshot(): Promise<Snapshot | null>
  /** Keeps it, for this mount alone. */
  writeSnapshot(snapshot: Snapshot): Promise<void>
}

export interface PersistenceOptions {
  readonly src: string
  readonly storage?: KeyValueStorage | null
  readonly snapshots?: SnapshotStorage | null
}

/** At most so many distinct changed tasks are counted while paused. */
export const maxHeldIds = 1_000

/** Keeps preferences and snapshots apart per `src`. Storage that is absent, full, forbidden or garbled changes nothing. */
export function createPersistence({ src, storage, snapshots }: PersistenceOptions): Persistence {
  const key = `taskloom:${src}`
  return {
    readPreferences() {
      const input: unknown = attempt(() => JSON.parse(storage?.getItem(key) ?? 'null') as unknown)
      if (!isObject(input)) return null
      return { view: startOf(readView(input['view'])), isPaused: input['isPaused'] === true }
    },
    writePreferences({ view, isPaused }) {
      attempt(() => storage?.setItem(key, JSON.stringify({ view: startOf(view), isPaused })))
    },
    async readSnapshot() {
      try {
        return readSnapshot(await snapshots?.get(key))
      } catch {
        return null
      }
    },
    async writeSnapshot(snapshot) {
      try {
        await snapshots?.set(key, { ...snapshot, tasks: snapshot.tasks.map(withoutPayload) })
      } catch {
        // A full or forbidden database only means that the next visit starts without a memory.
      }
    },
  }
}

/** The browser's own storage, or null where there is none or it is forbidden. */
export function browserStorage(): KeyValueStorage | null {
  return attempt(() => globalThis.localStorage) ?? null
}

/** The browser's IndexedDB, or null where there is none. */
export function browserSnapshots(): SnapshotStorage | null {
  if (attempt(() => globalThis.indexedDB) === undefined) return null
  // The database is opened by the first use, not by looking.
  let opened: ReturnType<typeof createStore> | undefined
  const database = () => (opened ??= createStore('taskloom', 'snapshots'))
  return {
    get: async (key) => get<unknown>(key, database()),
    set: async (key, value) => set(key, value, database()),
  }
}

function startOf(view: ViewQuery): ViewQuery {
  return { ...view, cursor: null, pageNumber: 1 }
}

function withoutPayload(task: TaskSummary): TaskSummary {
  return { ...task, error: null, tags: {}, progress: null, userLabel: null }
}

function readSnapshot(input: unknown): Snapshot | null {
  if (!isObject(input) || !Array.isArray(input['heldIds']) || !Array.isArray(input['tasks'])) return null
  const { lastEventId, dataAt } = input
  const heldIds = input['heldIds'].filter((id) => typeof id === 'string')
  return {
    lastEventId: typeof lastEventId === 'string' ? lastEventId : null,
    dataAt: typeof dataAt === 'number' && Number.isFinite(dataAt) ? dataAt : null,
    heldIds: heldIds.slice(0, maxHeldIds),
    heldIsCapped: input['heldIsCapped'] === true || heldIds.length > maxHeldIds,
    tasks: input['tasks'].every(isSummary) ? input['tasks'].map(withoutPayload) : [],
  }
}

/** Enough to show a row; the rest of it was ours when it was written. */
function isSummary(input: unknown): input is TaskSummary {
  if (!isObject(input)) return false
  const texts = [input['taskId'], input['funcName'], input['status'], input['queue']]
  const numbers = [input['createdAt'], input['version'], input['attempt'], input['retriesUsed'], input['maxRetries']]
  return texts.every((text) => typeof text === 'string') && numbers.every((value) => Number.isFinite(value))
}

function attempt<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch {
    return undefined
  }
}

function isObject(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}
