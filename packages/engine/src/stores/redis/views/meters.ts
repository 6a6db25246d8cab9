import type { TaskStatus } from '@taskloom/protocol'
import { MeterBook } from '../../meter-book.ts'
import type { MeterAnswer, MeterQuestion } from '../../metering.ts'
import type { Cell } from '../../reading/cube.ts'
import type { RedisConnection } from '../connection.ts'
import type { SpreadOf } from '../keys.ts'
import { cellsOf } from './counts.ts'
import { numberOf, pairsOf } from './replies.ts'
import { addDeletedSpreads, addSpreads, type SpreadSink } from './spreads.ts'
import { countDelayed, readWaiting } from './waiting.ts'

/** Totals from the counts for all time and from the ledger: as much as there are functions, queues and statuses. */
export async function readMeters(connection: RedisConnection, question: MeterQuestion): Promise<MeterAnswer> {
  const { keys } = connection
  const [kept, deleted, retries] = await connection.pipeline([
    ['HGETALL', keys.count(0, 0)],
    ['HGETALL', keys.deletedCount()],
    ['HGETALL', keys.retryCounts()],
  ])
  const cells = cellsOf(kept)
  const book = new MeterBook(question)
  const gone = cellsOf(deleted)
  const sinkOf = sinksIn(book)
  await addSpreads(connection, [{ level: 0, bucket: 0, cells }], ['duration', 'wait'], sinkOf)
  await addDeletedSpreads(connection, gone, sinkOf)
  for (const { funcName, queue, status, tasks } of cells) {
    book.at(funcName, queue).count(status as TaskStatus, tasks, true)
  }
  for (const { funcName, queue, status, tasks } of gone) {
    book.at(funcName, queue).count(status as TaskStatus, tasks, false)
  }
  for (const [name, count] of pairsOf(retries)) {
    const [funcName, queue] = JSON.parse(name) as [string, string]
    book.at(funcName, queue).retries += numberOf(count)
  }
  const waits = await readWaiting(connection, cells, question.now)
  const oldestDueAt = waits.reduce<number | null>((least, { dueAt }) => Math.min(least ?? dueAt, dueAt), null)
  const delayed = await countDelayed(connection, cells, question.now)
  return { ...book.answer(), delayed, oldestDueAt, sizeBytes: null }
}

/** One sink for each function, queue and kind of length. */
function sinksIn(book: MeterBook): (cell: Cell, of: SpreadOf) => SpreadSink {
  const sinks = new Map<object, SpreadSink>()
  return ({ funcName, queue }, of) => {
    const steps = book.at(funcName, queue)[of]
    const known = sinks.get(steps)
    if (known) return known
    const sink = {
      addSum: (sumMs: number) => steps.addSum(sumMs),
      addToBin: (bin: number, count: number) => steps.addBin(bin, count),
    }
    sinks.set(steps, sink)
    return sink
  }
}
