import { isTerminal } from '@taskloom/protocol'
import type { TaskRecord } from '../../core/record.ts'
import type { HeldLock, ItemResult, Write } from '../store.ts'
import { isAsBefore } from '../unit/known.ts'
import { itemName, needsOf, slotName, type Doubt, type Known } from '../unit/index.ts'
import type { Connection, Reply } from './connection.ts'
import { bare, type Guard } from './key-changes.ts'
import { knownFields, knownTaskFrom, seenFrom, wholeFields, type KnownTask, type TaskCache } from './known-tasks.ts'
import { decodeHead, decodeItem } from './operation-fields.ts'
import { decodeGrips, type Grip } from './register-fields.ts'
import { readTasks } from './scripts.ts'

/** What a batch is decided on. */
export interface Loaded {
  readonly known: Known
  /** The tasks that it may change. */
  readonly tasks: ReadonlyMap<string, KnownTask>
  /** Who holds the locks that it may change. */
  readonly grips: ReadonlyMap<string, readonly Grip[]>
  /** It holds only while these do. */
  readonly guards: readonly Guard[]
  /** And while these tasks have these stamps; null for those that are not there. */
  readonly stamps: ReadonlyMap<string, number | null>
}

/** Reads what a batch needs, in one round trip, or two where somebody holds what it asks for. */
export async function load(
  connection: Connection,
  batch: readonly Write[],
  doubt: Doubt,
  cache: TaskCache,
): Promise<Loaded> {
  const needs = needsOf(batch, doubt)
  const tasks = doubt === 'none' ? cachedTasks(batch, cache) : new Map<string, KnownTask>()
  const unknown = [...needs.taskIds.filter((taskId) => !tasks.has(taskId)), ...needs.joins]
  const lockKeys = [...new Set([...needs.lockKeys, ...lockKeysOf(batch)])]
  const slots = needs.slots.map(slotField)
  const [loaded, keyIds, slotIds, lockTexts, items] = await Promise.all([
    readKnown(connection, unknown, knownFields),
    readFields(connection, connection.keys.heldKeys(), needs.keys),
    readFields(connection, connection.keys.slots(), slots),
    readFields(connection, connection.keys.locks(), lockKeys),
    readOpenItems(connection, needs.items),
  ])
  for (const [taskId, task] of loaded) tasks.set(taskId, task)
  const joined = needs.joins.flatMap((taskId) => tasks.get(taskId)?.record ?? [])
  const joinedTexts = await readFields(connection, connection.keys.locks(), [
    ...new Set(joined.flatMap((task) => task.locks)),
  ])
  const texts = new Map([...lockTexts, ...joinedTexts])
  const grips = new Map([...texts].map(([key, text]) => [key, text === null ? [] : decodeGrips(text)]))
  const holders = await readHolders(connection, { keyIds, slotIds, grips })
  const guards: Guard[] = [
    ...guardsOf(bare.heldKeys(), keyIds),
    ...guardsOf(bare.slots(), slotIds),
    ...guardsOf(bare.locks(), texts),
    ...items.guards,
  ]
  const stamps = new Map<string, number | null>(unknown.map((taskId) => [taskId, null]))
  for (const [taskId, { stamp }] of tasks) stamps.set(taskId, stamp)
  const byId = (ids: ReadonlyMap<string, string | null>, name: (field: string) => string) =>
    new Map(
      [...ids].flatMap(([field, id]) => (id !== null && holders.has(id) ? [[name(field), recordOf(holders, id)]] : [])),
    )
  const known: Known = {
    tasks: new Map([...tasks].map(([taskId, task]) => [taskId, seenFrom(task)])),
    keyHolders: byId(keyIds, (key) => key),
    slotHolders: byId(slotIds, slotNameOf),
    locks: needs.lockKeys.flatMap((key) => heldLocks(key, grips.get(key) ?? [], holders)).sort(byKeyAndAge),
    owners: ownersOf(joined, grips),
    openItems: items.open,
  }
  return { known, tasks, grips, guards, stamps }
}

/** Tasks by id; none for those that are not there. */
export async function readKnown(
  connection: Connection,
  taskIds: readonly string[],
  fields: readonly string[],
): Promise<Map<string, KnownTask>> {
  const found = new Map<string, KnownTask>()
  if (taskIds.length === 0) return found
  const values = (await connection.run(readTasks, [fields.length, ...fields, ...taskIds])) as readonly Reply[]
  for (const [index, taskId] of taskIds.entries()) {
    const task = knownTaskFrom(values.slice(index * fields.length, (index + 1) * fields.length))
    if (task) found.set(taskId, task)
  }
  return found
}

/**
 * Whole tasks by id; none for those that are not there. Of those that this process has stored last it only asks whether they
 * are as it has stored them.
 */
export async function readWhole(
  connection: Connection,
  taskIds: readonly string[],
  cache: TaskCache,
): Promise<Map<string, KnownTask>> {
  const cached = taskIds.flatMap((taskId) => wholeFrom(cache, taskId) ?? [])
  const found = new Map<string, KnownTask>()
  if (cached.length > 0) {
    const ids = cached.map(({ record }) => record.taskId)
    const values = (await connection.run(readTasks, [2, 's', 'l', ...ids])) as readonly Reply[]
    for (const [index, task] of cached.entries()) {
      if (values[2 * index] !== String(task.stamp)) continue
      const hasLogs = values[2 * index + 1] !== null
      const { record } = task
      found.set(record.taskId, record.hasLogs === hasLogs ? task : { ...task, record: { ...record, hasLogs } })
    }
  }
  const unknown = taskIds.filter((taskId) => !found.has(taskId))
  for (const [taskId, task] of await readKnown(connection, unknown, wholeFields)) found.set(taskId, task)
  return found
}

function wholeFrom(cache: TaskCache, taskId: string): KnownTask | undefined {
  const task = cache.get(taskId)
  return task?.isWhole === true ? task : undefined
}

/** Who holds each lock, as far as he waits or runs. */
export function heldLocks(key: string, grips: readonly Grip[], holders: ReadonlyMap<string, KnownTask>): HeldLock[] {
  return grips.flatMap(({ taskId, owner, since }) => {
    const record = holders.get(taskId)?.record
    if (!record || isTerminal(record.status)) return []
    const { funcName, status, userLabel: user } = record
    return [{ key, taskId, funcName, status, user, since, owner }]
  })
}

/** By key, then by age. */
export function byKeyAndAge(a: HeldLock, b: HeldLock): number {
  if (a.key !== b.key) return a.key < b.key ? -1 : 1
  return a.since - b.since || (a.taskId < b.taskId ? -1 : 1)
}

/** The field of a slot in `Keys.slots`. */
export function slotField({ schedule, slotAt }: { readonly schedule: string; readonly slotAt: number }): string {
  return JSON.stringify([schedule, slotAt])
}

function slotNameOf(field: string): string {
  const [schedule, slotAt] = JSON.parse(field) as [string, number]
  return slotName(schedule, slotAt)
}

/** What is remembered counts where the first write of a task starts from it; where it does not it may be outdated. */
function cachedTasks(batch: readonly Write[], cache: TaskCache): Map<string, KnownTask> {
  const tasks = new Map<string, KnownTask>()
  const seen = new Set<string>()
  for (const write of batch) {
    if (write.previous === null) continue
    const { taskId } = write.previous
    if (seen.has(taskId)) continue
    seen.add(taskId)
    const task = cache.get(taskId)
    if (task && isAsBefore(seenFrom(task), write)) tasks.set(taskId, task)
  }
  return tasks
}

/** Locks that are let go by tasks that end. */
function lockKeysOf(batch: readonly Write[]): readonly string[] {
  return batch.flatMap(({ previous, next }) => (previous !== null && isTerminal(next.status) ? next.locks : []))
}

async function readFields(
  connection: Connection,
  key: string,
  fields: readonly string[],
): Promise<Map<string, string | null>> {
  if (fields.length === 0) return new Map()
  const values = (await connection.command('HMGET', key, ...fields)) as readonly (string | null)[]
  return new Map(fields.map((field, index) => [field, values[index] ?? null]))
}

/** Which items wait in operations that run. */
export async function readOpenItems(connection: Connection, items: readonly ItemResult[]) {
  const open = new Set<string>()
  const guards: Guard[] = []
  if (items.length === 0) return { open, guards }
  const { keys } = connection
  const values = (await connection.pipeline(
    items.flatMap(({ operationId, taskId }) => [
      ['HGET', keys.operation(operationId), 'o'],
      ['HGET', keys.items(operationId), taskId],
    ]),
  )) as readonly (string | null)[]
  for (const [index, item] of items.entries()) {
    const [head, text] = [values[2 * index] ?? null, values[2 * index + 1] ?? null]
    guards.push({ key: bare.operation(item.operationId), field: 'o', expected: head })
    guards.push({ key: bare.items(item.operationId), field: item.taskId, expected: text })
    if (head === null || text === null || decodeHead(head).status !== 'running') continue
    if (decodeItem(item.taskId, text).outcome === 'waiting') open.add(itemName(item))
  }
  return { open, guards }
}

interface Held {
  readonly keyIds: ReadonlyMap<string, string | null>
  readonly slotIds: ReadonlyMap<string, string | null>
  readonly grips: ReadonlyMap<string, readonly Grip[]>
}

async function readHolders(connection: Connection, { keyIds, slotIds, grips }: Held): Promise<Map<string, KnownTask>> {
  const ids = new Set<string>()
  for (const id of [...keyIds.values(), ...slotIds.values()]) if (id !== null) ids.add(id)
  for (const held of grips.values()) for (const { taskId } of held) ids.add(taskId)
  return readKnown(connection, [...ids], wholeFields)
}

function recordOf(holders: ReadonlyMap<string, KnownTask>, taskId: string): TaskRecord {
  return (holders.get(taskId) as KnownTask).record
}

function guardsOf(key: string, values: ReadonlyMap<string, string | null>): readonly Guard[] {
  return [...values].map(([field, expected]) => ({ key, field, expected }))
}

/** Who took first what a joined task holds: it lives, and holds it still. */
function ownersOf(joined: readonly TaskRecord[], grips: ReadonlyMap<string, readonly Grip[]>): Map<string, string> {
  const owners = new Map<string, string>()
  for (const { taskId, status, locks } of joined) {
    if (isTerminal(status)) continue
    for (const key of locks) {
      const own = grips.get(key)?.find((grip) => grip.taskId === taskId)
      if (own && !owners.has(taskId)) owners.set(taskId, own.owner)
    }
  }
  return owners
}
