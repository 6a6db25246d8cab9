import { anyTask, type LogEntry, type LogPage } from '@taskloom/protocol'
import type { LogQuestion, StoredDetail } from '../../store.ts'
import { isAtLeast } from '../../summary.ts'
import type { RedisConnection } from '../connection.ts'
import { attemptsOf, decodeLine, decodeRecord } from '../task-fields.ts'
import { readMetrics } from './figures.ts'
import { readList } from './list.ts'
import { numberOf, pairsOf, textsOf } from './replies.ts'
import { readSummaries } from './tasks.ts'

const logPortion = 500

export async function readDetail(connection: RedisConnection, taskId: string): Promise<StoredDetail | undefined> {
  const { keys } = connection
  const [hash, retryIds] = await connection.pipeline([
    ['HGETALL', keys.task(taskId)],
    ['ZREVRANGE', keys.retriesOf(taskId), 0, 19],
  ])
  const fields = new Map(pairsOf(hash))
  const [head, body, args] = [fields.get('h'), fields.get('b'), fields.get('a')]
  if (head === undefined || body === undefined || args === undefined) return undefined
  const record = decodeRecord(head, fields.get('l') ?? null, body, args, fields.get('r') ?? null)
  const retries = await readSummaries(connection, textsOf(retryIds))
  const filter = { ...anyTask, funcNames: [record.funcName] }
  const recent = await readList(connection, { filter, sort: 'created_at', order: 'desc', limit: 5, cursor: null })
  return {
    record,
    attempts: attemptsOf(record, fields),
    retries: retries.map(({ taskId: id, createdAt, status }) => ({ taskId: id, createdAt, status })),
    recentRuns: recent.tasks,
    functionStats: await readMetrics(connection, filter),
  }
}

export async function readLogs(
  connection: RedisConnection,
  { taskId, after, minLevel, text, limit }: LogQuestion,
): Promise<LogPage> {
  const key = connection.keys.logs(taskId)
  const wanted = text?.toLowerCase() ?? ''
  const found: LogEntry[] = []
  let start = Math.max(0, after)
  while (found.length <= limit) {
    const texts = textsOf(await connection.command('LRANGE', key, start, start + logPortion - 1))
    for (const [index, line] of texts.entries()) {
      const entry = decodeLine(line, start + index + 1)
      if (isAtLeast(entry.level, minLevel) && entry.message.toLowerCase().includes(wanted)) found.push(entry)
    }
    if (texts.length < logPortion) break
    start += logPortion
  }
  const logs = found.slice(0, limit)
  const total = numberOf(await connection.command('LLEN', key))
  return { logs, logsNext: found.length > limit ? (logs.at(-1)?.line ?? null) : null, total }
}
