import { isTerminal } from '@taskloom/protocol'
import type { StrayAnswer, StrayQuestion } from '../store.ts'
import type { CommitQueue } from './commit-queue.ts'
import type { Connection } from './connection.ts'
import { bare, KeyChanges } from './key-changes.ts'
import { knownFields } from './known-tasks.ts'
import { readKnown } from './load.ts'
import { readAllGrips, readGrips } from './locks.ts'
import { encodeGrips } from './register-fields.ts'

/** Keys, and members of one set, that one slice looks at. */
const keysAtOnce = 500
const membersAtOnce = 1_000

const nothing: StrayAnswer = { found: 0, next: null }

/** Finds what outlived its task. Attempts lie in the hash of their task and cannot. */
export function findStrays(queue: CommitQueue, question: StrayQuestion): Promise<StrayAnswer> {
  switch (question.kind) {
    case 'locks':
      return strayLocks(queue, question)
    case 'logs':
      return strayLogs(queue.connection, question)
    case 'tags':
      return strayTags(queue.connection, question)
    case 'attempts':
      return Promise.resolve(nothing)
  }
}

/** Few are ever held at once: one slice looks at all of them. */
async function strayLocks(queue: CommitQueue, { remove }: StrayQuestion): Promise<StrayAnswer> {
  const { connection } = queue
  const lockKeys = [...(await readAllGrips(connection)).keys()]
  return queue.alone(async () => {
    const changes = new KeyChanges()
    const grips = await readGrips(connection, lockKeys, changes)
    const taskIds = [...new Set([...grips.values()].flatMap((held) => held.map(({ taskId }) => taskId)))]
    const holders = await readKnown(connection, taskIds, knownFields)
    const isHolding = (taskId: string): boolean => {
      const record = holders.get(taskId)?.record
      return record !== undefined && !isTerminal(record.status)
    }
    let found = 0
    for (const [key, held] of grips) {
      const rest = held.filter(({ taskId }) => isHolding(taskId))
      found += held.length - rest.length
      if (!remove || rest.length === held.length) continue
      changes.put(bare.locks(), key, rest.length === 0 ? null : encodeGrips(rest))
    }
    return { changes, answer: { found, next: null } }
  })
}

async function strayLogs(connection: Connection, { after, remove }: StrayQuestion): Promise<StrayAnswer> {
  const { next, keys } = await scan(connection, connection.keys.logs(''), after ?? '0')
  const taskIds = keys.map((key) => key.slice(connection.keys.logs('').length))
  const isThere = await areThere(connection, taskIds)
  const strays = taskIds.filter((_, index) => isThere[index] !== true)
  const lengths = await connection.pipeline(strays.map((taskId) => ['LLEN', connection.keys.logs(taskId)]))
  if (remove && strays.length > 0) await connection.command('DEL', ...strays.map((id) => connection.keys.logs(id)))
  return { found: lengths.reduce<number>((sum, length) => sum + Number(length), 0), next: next === '0' ? null : next }
}

/** Where a look through the tags is: sets that are still to be looked through, and how far the first of them is. */
type TagPlace = readonly [cursor: string, keys: readonly string[], after: string]

async function strayTags(connection: Connection, { after, remove }: StrayQuestion): Promise<StrayAnswer> {
  const [cursor, keys, from] = after === null ? (['0', [], '-'] as const) : (JSON.parse(after) as TagPlace)
  const [key, ...others] = keys
  if (key === undefined) {
    if (after !== null && cursor === '0') return nothing
    const found = await scan(connection, `${connection.keys.base}tag:`, cursor)
    const isOver = found.next === '0' && found.keys.length === 0
    return { found: 0, next: isOver ? null : JSON.stringify([found.next, found.keys, '-']) }
  }
  const range = ['ZRANGEBYLEX', key, from, '+', 'LIMIT', 0, membersAtOnce] as const
  const taskIds = (await connection.command(...range)) as readonly string[]
  const isThere = await areThere(connection, taskIds)
  const strays = taskIds.filter((_, index) => isThere[index] !== true)
  if (remove && strays.length > 0) await connection.command('ZREM', key, ...strays)
  const isWhole = taskIds.length < membersAtOnce
  const next: TagPlace = isWhole ? [cursor, others, '-'] : [cursor, keys, `(${taskIds.at(-1) ?? ''}`]
  const isOver = isWhole && others.length === 0 && cursor === '0'
  return { found: strays.length, next: isOver ? null : JSON.stringify(next) }
}

async function scan(connection: Connection, prefix: string, cursor: string) {
  const pattern = `${prefix.replace(/[\\*?[\]]/g, '\\$&')}*`
  const reply = await connection.command('SCAN', cursor, 'MATCH', pattern, 'COUNT', keysAtOnce)
  const [next, keys] = reply as readonly [string, readonly string[]]
  return { next: String(next), keys }
}

async function areThere(connection: Connection, taskIds: readonly string[]): Promise<readonly boolean[]> {
  const found = await connection.pipeline(taskIds.map((taskId) => ['EXISTS', connection.keys.task(taskId)]))
  return found.map((count) => Number(count) === 1)
}
