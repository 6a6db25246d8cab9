import { compareValues } from '../order.ts'
import type { DueQuestion } from '../store.ts'
import type { Connection } from './connection.ts'
import { parsePlace } from './keys.ts'
import type { KnownTask, TaskCache } from './known-tasks.ts'
import { readWhole } from './load.ts'
import { pairsOf } from './views/replies.ts'

/** More delayed tasks of a name than this that are due at once are looked at in order of time, not of priority. */
const delayedPortion = 1_000

interface Name {
  readonly funcName: string
  readonly queue: string
}

/** The pending tasks that are due, the most urgent first. */
export async function readDue(
  connection: Connection,
  cache: TaskCache,
  { now, funcNames, exceptQueues = [], limit }: DueQuestion,
): Promise<readonly KnownTask[]> {
  if (funcNames.length === 0 || limit <= 0) return []
  const wanted = new Set(funcNames)
  const closed = new Set(exceptQueues)
  const names = (await pendingNames(connection)).filter(
    ({ funcName, queue }) => wanted.has(funcName) && !closed.has(queue),
  )
  const ready = await readReady(connection, names, limit)
  const delayed = await readDelayed(connection, names, now)
  const known = await readWhole(connection, [...ready, ...delayed], cache)
  return [...known.values()]
    .filter(({ record }) => record.status === 'pending' && (record.runAt === null || record.runAt <= now))
    .sort(byUrgency)
    .slice(0, limit)
}

/** The earliest `runAt` after now of a pending task. */
export async function readNextDueAt(connection: Connection, now: number): Promise<number | null> {
  const names = await pendingNames(connection)
  const firsts = await connection.pipeline(
    names.map(({ funcName, queue }) => [
      ...['ZRANGEBYSCORE', connection.keys.delayed(funcName, queue), `(${now}`, '+inf'],
      ...['WITHSCORES', 'LIMIT', 0, 1],
    ]),
  )
  const instants = firsts.flatMap((first) => pairsOf(first).map(([, score]) => Number(score)))
  return instants.length === 0 ? null : Math.min(...instants)
}

async function pendingNames(connection: Connection): Promise<readonly Name[]> {
  const places = (await connection.command('HKEYS', connection.keys.count(0, 0))) as readonly string[]
  const names = new Map<string, Name>()
  for (const place of places) {
    const { funcName, queue, status } = parsePlace(place)
    if (status === 'pending') names.set(JSON.stringify([funcName, queue]), { funcName, queue })
  }
  return [...names.values()]
}

/** Each name's most urgent ones, of which only the most urgent of all are kept. */
async function readReady(connection: Connection, names: readonly Name[], limit: number): Promise<readonly string[]> {
  const ranges = await connection.pipeline(
    names.map(({ funcName, queue }) => [
      ...['ZRANGE', connection.keys.ready(funcName, queue), 0, limit - 1],
      'WITHSCORES',
    ]),
  )
  const all = ranges.flatMap(pairsOf)
  all.sort(([idA, scoreA], [idB, scoreB]) => Number(scoreA) - Number(scoreB) || compareValues(idA, idB))
  return all.slice(0, limit).map(([taskId]) => taskId)
}

async function readDelayed(connection: Connection, names: readonly Name[], now: number): Promise<readonly string[]> {
  const ranges = (await connection.pipeline(
    names.map(({ funcName, queue }) => [
      ...['ZRANGEBYSCORE', connection.keys.delayed(funcName, queue), '-inf', now],
      ...['LIMIT', 0, delayedPortion],
    ]),
  )) as readonly (readonly string[])[]
  return ranges.flat()
}

function byUrgency({ record: a }: KnownTask, { record: b }: KnownTask): number {
  return (b.priority ?? 0) - (a.priority ?? 0) || compareValues(a.taskId, b.taskId)
}
