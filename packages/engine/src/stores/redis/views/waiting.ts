import type { Cell } from '../../reading/cube.ts'
import type { Command, RedisConnection } from '../connection.ts'
import { inPipelines } from './counts.ts'
import { numberOf, pairsOf } from './replies.ts'
import { readSummaries } from './tasks.ts'

/** Pending tasks of one function in one queue. */
interface Pair {
  readonly funcName: string
  readonly queue: string
}

/** Since when the task of a queue that waits longest is due. */
export interface Waiting {
  readonly queue: string
  readonly dueAt: number
}

/** Different priorities that are looked at for the oldest task of a function: a queue seldom has more. */
const maxPriorities = 100

/** How many pending tasks are due later. */
export async function countDelayed(connection: RedisConnection, cells: readonly Cell[], now: number): Promise<number> {
  const commands = pairsWaiting(cells).map(({ funcName, queue }): Command => {
    return ['ZCOUNT', connection.keys.delayed(funcName, queue), `(${now}`, '+inf']
  })
  return (await inPipelines(connection, commands)).reduce<number>((sum, reply) => sum + numberOf(reply), 0)
}

/** The tasks that are due the longest: of each function in each queue one that was delayed, and one that was not. */
export async function readWaiting(
  connection: RedisConnection,
  cells: readonly Cell[],
  now: number,
): Promise<readonly Waiting[]> {
  const pairs = pairsWaiting(cells)
  const delayed = await inPipelines(
    connection,
    pairs.map(({ funcName, queue }): Command => {
      return ['ZRANGEBYSCORE', connection.keys.delayed(funcName, queue), '-inf', now, 'WITHSCORES', 'LIMIT', 0, 1]
    }),
  )
  const waiting = pairs.flatMap(({ queue }, index): readonly Waiting[] => {
    const [first] = pairsOf(delayed[index])
    return first === undefined ? [] : [{ queue, dueAt: Number(first[1]) }]
  })
  const oldest = await readSummaries(connection, await oldestReady(connection, pairs))
  return [...waiting, ...oldest.map(({ queue, createdAt }) => ({ queue, dueAt: createdAt }))]
}

/** The oldest id of each pair: the first one of each priority is compared, all pairs at once. */
async function oldestReady(connection: RedisConnection, pairs: readonly Pair[]): Promise<readonly string[]> {
  const oldest = new Map<Pair, string>()
  let open = pairs.map((pair) => ({ pair, above: '-inf' }))
  for (let round = 0; open.length > 0 && round < maxPriorities; round += 1) {
    const replies = await inPipelines(
      connection,
      open.map(({ pair: { funcName, queue }, above }): Command => {
        const key = connection.keys.ready(funcName, queue)
        return ['ZRANGEBYSCORE', key, above, '+inf', 'WITHSCORES', 'LIMIT', 0, 1]
      }),
    )
    open = open.flatMap(({ pair }, index) => {
      const [first] = pairsOf(replies[index])
      if (first === undefined) return []
      const [taskId, score] = first
      const known = oldest.get(pair)
      if (known === undefined || taskId < known) oldest.set(pair, taskId)
      return [{ pair, above: `(${score}` }]
    })
  }
  return [...oldest.values()]
}

function pairsWaiting(cells: readonly Cell[]): readonly Pair[] {
  const pairs = new Map<string, Pair>()
  for (const { funcName, queue, status } of cells) {
    if (status === 'pending') pairs.set(JSON.stringify([funcName, queue]), { funcName, queue })
  }
  return [...pairs.values()]
}
