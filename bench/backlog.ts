import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TaskManager } from '@taskloom/engine'
import { IdSource } from '../packages/engine/src/core/ids.ts'
import { createRecord } from '../packages/engine/src/core/record.ts'
import { fillRandom } from '../packages/engine/src/run/chance.ts'
import { formatTable, median } from './figures.ts'
import { fillStore } from './fill-store.ts'

export interface Backlog {
  readonly pending: number
  /** The first thousand of them, run. */
  readonly perSecond: number
  /** The largest heap on the way. */
  readonly heapMb: number
}

const taken = 1_000
const rounds = 5
/** What a round uses up at most: some more are started before it is over. */
const used = 2 * taken

/** How fast waiting tasks are taken, and in how much memory, when few and when very many of them wait. */
export async function measureBacklog(counts: readonly number[]): Promise<readonly Backlog[]> {
  const folder = await mkdtemp(join(tmpdir(), 'taskloom-backlog-'))
  try {
    const files = counts.map((count) => join(folder, `${count}.db`))
    counts.forEach((count, index) => buildBacklog(files[index] as string, count + rounds * used))
    const found: { perSecond: number; heapMb: number }[][] = counts.map(() => [])
    for (let round = 0; round < rounds; round += 1) {
      for (const [index, file] of files.entries()) found[index]?.push(await takeThousand(file))
    }
    return counts.map((pending, index) => ({
      pending,
      perSecond: median((found[index] ?? []).map(({ perSecond }) => perSecond)),
      heapMb: Math.max(...(found[index] ?? []).map(({ heapMb }) => heapMb)),
    }))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function takeThousand(file: string): Promise<{ readonly perSecond: number; readonly heapMb: number }> {
  const tasks = new TaskManager({ store: file })
  let count = 0
  let heap = 0
  let finish: () => void = () => undefined
  const finished = new Promise<void>((resolve) => (finish = resolve))
  tasks.define('noop', () => {
    count += 1
    if (count % 100 === 0) heap = Math.max(heap, process.memoryUsage().heapUsed)
    if (count === taken) finish()
  })
  const startedAt = performance.now()
  await tasks.start()
  await finished
  const perSecond = (taken / (performance.now() - startedAt)) * 1_000
  await tasks.shutdown()
  return { perSecond, heapMb: heap / 2 ** 20 }
}

function buildBacklog(file: string, count: number): void {
  const ids = new IdSource(fillRandom)
  fillStore(file, count, (index) => {
    const birth = { taskId: ids.next(Date.now()), createdAt: ids.instant, args: JSON.stringify([{ order: index }]) }
    const next = createRecord({ funcName: 'noop', queue: 'default', maxRetries: 0 }, birth)
    return { previous: null, next, attempt: null, logs: [] }
  })
}

export function describeBacklog(backlogs: readonly Backlog[]): string {
  const [first] = backlogs
  return formatTable(
    ['tasks that wait', 'taken and run per second', 'ratio', 'heap MB'],
    backlogs.map(({ pending, perSecond, heapMb }) => [
      String(pending),
      perSecond,
      perSecond / (first?.perSecond ?? Number.NaN),
      heapMb,
    ]),
  )
}

if (import.meta.url === `file://${process.argv[1]}`) {
  console.log(describeBacklog(await measureBacklog([1_000, 1_000_000])))
}
