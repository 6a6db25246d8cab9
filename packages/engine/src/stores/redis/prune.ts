import type { PruneQuestion } from '../operations.ts'
import type { Connection } from './connection.ts'
import { decodeHead } from './operation-fields.ts'

const portion = 200

/** The oldest ended operation that is to be forgotten: not among the newest that are kept, or ended too long ago. */
export async function readPrunable(
  connection: Connection,
  { keep, endedBefore }: PruneQuestion,
): Promise<string | null> {
  const { keys } = connection
  const [all, open] = (await connection.pipeline([
    ['ZCARD', keys.operationIds()],
    ['ZCARD', keys.openOperations()],
  ])) as readonly number[]
  const surplus = Number(all) - Number(open) - keep
  let ended = 0
  for (let after = '-'; ;) {
    const range = ['ZRANGEBYLEX', keys.operationIds(), after, '+', 'LIMIT', 0, portion] as const
    const ids = (await connection.command(...range)) as readonly string[]
    const heads = await connection.pipeline(ids.map((id) => ['HGET', keys.operation(id), 'o']))
    for (const text of heads) {
      if (typeof text !== 'string') continue
      const { operationId, endedAt } = decodeHead(text)
      if (endedAt === null) continue
      if (ended < surplus || endedAt < endedBefore) return operationId
      ended += 1
    }
    const last = ids.at(-1)
    if (last === undefined || ids.length < portion) return null
    after = `(${last}`
  }
}
