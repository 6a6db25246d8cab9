import type { LogEntry } from '@taskloom/protocol'
import { isTerminal } from '@taskloom/protocol'
import { isImplied } from '../attempts.ts'
import { SlicePace } from '../transfer/pace.ts'
import type { TransferLock, TransferTask } from '../transfer/port.ts'
import { heldKeyOf, type Changes, type NewRow } from '../unit/index.ts'
import type { Connection } from './connection.ts'
import { bare } from './key-changes.ts'
import { knownFields } from './known-tasks.ts'
import { readKnown } from './load.ts'
import { readAllGrips, readGrips } from './locks.ts'
import { encodeGrips, type Grip } from './register-fields.ts'
import { saveUnit } from './save.ts'
import { attemptsOf, decodeLine, decodeRecord, encodeLine } from './task-fields.ts'
import { idsAfter, type Part } from './transfer-part.ts'

/** Tasks with their attempts; all sets that they are in and their counts are made with them. */
export function taskPart(): Part<'tasks'> {
  const pace = new SlicePace()
  return {
    async read(connection, after, limit) {
      const most = pace.rows(limit)
      const ids = await idsAfter(connection, connection.keys.ids(), after, most)
      const all = await connection.pipeline(ids.map((id) => ['HGETALL', connection.keys.task(id)]))
      pace.saw(ids.length, lengthOf(all as readonly (readonly string[])[]))
      const rows = (all as readonly (readonly string[])[]).flatMap((pairs) => taskFrom(fieldsOf(pairs)) ?? [])
      return { rows, next: ids.length < most ? null : (ids.at(-1) ?? null) }
    },
    async propose(connection, changes, tasks) {
      const ids = tasks.map(({ record }) => record.taskId)
      const known = await readKnown(connection, ids, knownFields)
      const fresh = tasks.filter(({ record }) => !known.has(record.taskId))
      saveUnit(changes, unitOf(fresh), {
        known: nothingKnown,
        tasks: new Map(),
        grips: new Map(),
        guards: [],
        stamps: new Map(),
      })
    },
    count: async (connection) => Number(await connection.command('ZCARD', connection.keys.ids())),
  }
}

/** So many tasks are asked at once whether they have a log, and so often for one slice. */
const tasksAtOnce = 500
const looksAtOnce = 20

/** Lines of logs, task by task. */
export const linePart: Part<'logs'> = {
  async read(connection, after, limit) {
    const place = after === null ? null : (JSON.parse(after) as [taskId: string, line: number])
    const rows = place === null ? [] : [...(await linesOf(connection, place[0], place[1], limit))]
    let taskId = place?.[0] ?? null
    for (let look = 0; rows.length < limit; look += 1) {
      if (look === looksAtOnce) return { rows, next: JSON.stringify([taskId, Number.MAX_SAFE_INTEGER]) }
      const ids = await idsAfter(connection, connection.keys.ids(), taskId, tasksAtOnce)
      for (const id of await withLogs(connection, ids)) {
        if (rows.length < limit) rows.push(...(await linesOf(connection, id, 0, limit - rows.length)))
      }
      if (rows.length >= limit) break
      if (ids.length < tasksAtOnce) return { rows, next: null }
      taskId = ids.at(-1) ?? null
    }
    const last = rows.at(-1)
    return { rows, next: last ? JSON.stringify([last.taskId, last.line]) : null }
  },
  async propose(connection, changes, lines) {
    const ids = [...new Set(lines.map(({ taskId }) => taskId))]
    const lengths = await lengthsOf(connection, ids)
    for (const { taskId, ...line } of lines) {
      if (line.line > (lengths.get(taskId) ?? 0)) changes.lines(taskId, [encodeLine(line)])
    }
  },
  async count(connection) {
    let count = 0
    for (let after: string | null = null; ;) {
      const ids: readonly string[] = await idsAfter(connection, connection.keys.ids(), after, tasksAtOnce)
      for (const length of (await lengthsOf(connection, ids)).values()) count += length
      if (ids.length < tasksAtOnce) return count
      after = ids.at(-1) ?? null
    }
  },
}

/** Locks of tasks that wait or run: few are ever held at once. */
export const lockPart: Part<'locks'> = {
  async read(connection, after, limit) {
    const all = (await heldLocks(connection)).filter((lock) => after === null || placeOf(lock) > after)
    const rows = all.sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1)).slice(0, limit)
    const last = rows.length < all.length ? rows.at(-1) : undefined
    return { rows, next: last ? placeOf(last) : null }
  },
  async propose(connection, changes, locks) {
    const keys = [...new Set(locks.map(({ key }) => key))]
    const grips = await readGrips(connection, keys, changes)
    for (const key of keys) {
      const held = grips.get(key) ?? []
      const taken = locks.filter((lock) => lock.key === key && !held.some(({ taskId }) => taskId === lock.taskId))
      if (taken.length > 0) changes.put(bare.locks(), key, encodeGrips([...held, ...taken].sort(byAge)))
    }
  },
  count: async (connection) => (await heldLocks(connection)).length,
}

const nothingKnown = {
  ...{ tasks: new Map(), keyHolders: new Map(), slotHolders: new Map(), locks: [] },
  ...{ owners: new Map(), openItems: new Set<string>() },
}

function unitOf(tasks: readonly TransferTask[]): Changes {
  return {
    inserts: tasks.map(toNewRow),
    attempts: tasks.flatMap(({ record, attempts }) =>
      attempts.filter((attempt) => !isImplied(record, attempt)).map((attempt) => ({ taskId: record.taskId, attempt })),
    ),
    addedTags: tasks.flatMap(({ record: { taskId, tags } }) =>
      Object.entries(tags).map(([key, value]) => ({ taskId, key, value })),
    ),
    counts: tasks.map(({ record }) => ({ before: null, after: record })),
    ...{ updates: [], logs: [], removedTags: [], takenLocks: [], releasedLocks: [] },
    ...{ outbox: [], settled: [], audits: [], failures: [] },
  }
}

function toNewRow({ record, attempts, errorGroup }: TransferTask): NewRow {
  const attemptStartedAt = attempts.find((attempt) => isImplied(record, attempt))?.startedAt ?? null
  return { record, extras: { attemptStartedAt, heldKey: heldKeyOf(record), errorGroup, logLines: 0 } }
}

function taskFrom(fields: ReadonlyMap<string, string>): TransferTask | undefined {
  const [head, body, args] = [fields.get('h'), fields.get('b'), fields.get('a')]
  if (head === undefined || body === undefined) return undefined
  const record = decodeRecord(head, fields.get('l') ?? null, body, args ?? '', fields.get('r') ?? null)
  const attempts = attemptsOf(record, fields).filter(
    ({ attempt }, index, all) => all.findIndex((other) => other.attempt === attempt) === index,
  )
  return { record, attempts, errorGroup: fields.get('g') ?? null }
}

function fieldsOf(pairs: readonly string[]): ReadonlyMap<string, string> {
  const fields = new Map<string, string>()
  for (let index = 0; index < pairs.length; index += 2) fields.set(pairs[index] ?? '', pairs[index + 1] ?? '')
  return fields
}

function lengthOf(all: readonly (readonly string[])[]): number {
  let length = 0
  for (const pairs of all) for (const text of pairs) length += text.length
  return length
}

async function linesOf(
  connection: Connection,
  taskId: string,
  after: number,
  limit: number,
): Promise<readonly (LogEntry & { readonly taskId: string })[]> {
  const key = connection.keys.logs(taskId)
  const texts = (await connection.command('LRANGE', key, after, after + limit - 1)) as readonly string[]
  return texts.map((text, index) => ({ taskId, ...decodeLine(text, after + index + 1) }))
}

async function withLogs(connection: Connection, ids: readonly string[]): Promise<readonly string[]> {
  const lengths = await lengthsOf(connection, ids)
  return ids.filter((id) => (lengths.get(id) ?? 0) > 0)
}

async function lengthsOf(connection: Connection, ids: readonly string[]): Promise<ReadonlyMap<string, number>> {
  const lengths = await connection.pipeline(ids.map((id) => ['LLEN', connection.keys.logs(id)]))
  return new Map(ids.map((id, index) => [id, Number(lengths[index])]))
}

async function heldLocks(connection: Connection): Promise<TransferLock[]> {
  const grips = await readAllGrips(connection)
  const ids = [...new Set([...grips.values()].flatMap((held) => held.map(({ taskId }) => taskId)))]
  const holders = await readKnown(connection, ids, knownFields)
  const isLive = (taskId: string): boolean => {
    const record = holders.get(taskId)?.record
    return record !== undefined && !isTerminal(record.status)
  }
  return [...grips].flatMap(([key, held]) =>
    held.filter(({ taskId }) => isLive(taskId)).map(({ taskId, owner, since }) => ({ key, taskId, owner, since })),
  )
}

function placeOf({ key, taskId }: TransferLock): string {
  return JSON.stringify([key, taskId])
}

function byAge(a: Grip, b: Grip): number {
  return a.since - b.since || (a.taskId < b.taskId ? -1 : 1)
}
