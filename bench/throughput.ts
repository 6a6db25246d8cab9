import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TaskManager } from '@taskloom/engine'
import { anyTask } from '@taskloom/protocol'
import { formatTable, median } from './figures.ts'
import { runRawCycle } from './raw-cycle.ts'

export interface Throughput {
  readonly rawPerSecond: number
  readonly enginePerSecond: number
  readonly ratio: number
}

const count = 20_000
const rounds = 15
/** Until both are compiled; not counted. */
const warmUps = 2

/** Durable enqueue + run of no-op tasks through the whole engine against the bare cycle, in turn; medians. */
export async function measureThroughput(): Promise<Throughput> {
  const raw: number[] = []
  const engine: number[] = []
  for (let round = -warmUps; round < rounds; round += 1) {
    const folder = await mkdtemp(join(tmpdir(), 'taskloom-bench-'))
    try {
      const rawPerSecond = runRawCycle(join(folder, 'raw.db'), count)
      const enginePerSecond = await runEngineCycle(join(folder, 'engine.db'))
      if (round < 0) continue
      raw.push(rawPerSecond)
      engine.push(enginePerSecond)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  }
  const ratios = engine.map((figure, round) => figure / (raw[round] ?? Number.NaN))
  return { rawPerSecond: median(raw), enginePerSecond: median(engine), ratio: median(ratios) }
}

async function runEngineCycle(file: string): Promise<number> {
  const tasks = new TaskManager({ store: file })
  const noop = tasks.define('noop', () => undefined)
  await tasks.start()
  const startedAt = performance.now()
  const enqueued: Promise<unknown>[] = []
  for (let index = 0; index < count; index += 1) enqueued.push(noop.enqueue())
  await Promise.all(enqueued)
  await tasks.idle()
  const elapsedMs = performance.now() - startedAt
  const { total } = await tasks.list({ filter: { ...anyTask, statuses: ['success'] } })
  await tasks.shutdown()
  if (total !== count) throw new Error(`${total} of ${count} tasks succeeded`)
  return (count / elapsedMs) * 1_000
}

export function describeThroughput({ rawPerSecond, enginePerSecond, ratio }: Throughput): string {
  return formatTable(
    ['durable enqueue + run, no-op tasks', 'tasks/s', 'ratio'],
    [
      ['bare better-sqlite3 cycle, 100 per transaction', rawPerSecond, 1],
      ['Taskloom, every record, attempt and roll-up', enginePerSecond, ratio],
    ],
  )
}

if (import.meta.url === `file://${process.argv[1]}`) console.log(describeThroughput(await measureThroughput()))
