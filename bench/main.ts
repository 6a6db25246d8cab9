import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describeBacklog, measureBacklog } from './backlog.ts'
import { measureCurves } from './curves.ts'
import { describeFanOut, measureFanOut } from './fan-out.ts'
import { formatTable } from './figures.ts'
import { buildHistory } from './histories.ts'
import { measureHostDelay, measureLiveBytes } from './host.ts'
import { isToBeKept, keep } from './keep.ts'
import { describeListPage, measureListPage } from './list-page.ts'
import { describeMachine } from './record.ts'
import { serveHistory, type ServedHistory } from './served.ts'
import { measureServedGrowth } from './served-growth.ts'
import { describeThroughput, measureThroughput } from './throughput.ts'

// One run, everything as ratios: `npm run bench`. `--quick` uses 100,000 instead of 1,000,000 tasks. What it finds goes into
// the documentation, with charts; after a quick run only with `--save`.
const isQuick = process.argv.includes('--quick')
const smallCount = 10_000
const largeCount = isQuick ? 100_000 : 1_000_000
const tinyCount = 100
const machine = describeMachine()

const folder = await mkdtemp(join(tmpdir(), 'taskloom-bench-'))
const open: ServedHistory[] = []
try {
  const throughput = await measureThroughput()
  console.log(`${describeThroughput(throughput)}\n`)

  const backlogs = await measureBacklog([1_000, largeCount])
  console.log(`${describeBacklog(backlogs)}\n`)

  const [tiny, small, large] = [await history(tinyCount), await history(smallCount), await history(largeCount)]
  const growth = await measureServedGrowth(small, large)
  console.log(
    formatTable(
      ['question over HTTP, median', `${smallCount} ms`, `${largeCount} ms`, 'ratio', 'bound', ''],
      growth.map((row) => [
        row.name,
        row.smallMs,
        row.largeMs,
        row.ratio,
        row.bound,
        row.ratio <= row.bound ? '' : 'over',
      ]),
    ),
  )

  const between = isQuick ? [] : [{ tasks: 100_000, served: await history(100_000) }]
  const curves = await measureCurves([
    { tasks: 1_000, served: await history(1_000) },
    { tasks: smallCount, served: small },
    ...between,
    { tasks: largeCount, served: large },
  ])

  const delay = await measureHostDelay(large)
  console.log(
    `\nhost's event-loop delay p99: ${delay.idleP99Ms.toFixed(2)} ms alone, ${delay.queriedP99Ms.toFixed(2)} ms while ` +
      `${delay.requests} questions are asked about ${largeCount} tasks, ratio ${delay.ratio.toFixed(2)}`,
  )

  const bytes = { tiny: await measureLiveBytes(tiny), large: await measureLiveBytes(large) }
  console.log(`bytes of one live change: ${bytes.tiny} at ${tinyCount} tasks, ${bytes.large} at ${largeCount}`)

  const fanOut = await measureFanOut(isQuick ? 10 : 60, isQuick ? 1_000 : 10_000)
  console.log(describeFanOut(fanOut))

  const listPage = await measureListPage(join(folder, `${smallCount}.db`))
  console.log(describeListPage(listPage))

  const report = {
    ...{ smallCount, largeCount, throughput, backlogs, growth, curves, delay, bytes, fanOut, listPage },
  }
  const packages = ['@taskloom/engine', 'better-sqlite3']
  await keep('engine', report, { machine, packages, isKept: isToBeKept(process.argv) })
} finally {
  for (const served of open) await served.close()
  await rm(folder, { recursive: true, force: true })
}

async function history(count: number): Promise<ServedHistory> {
  const file = join(folder, `${count}.db`)
  buildHistory(file, count)
  const served = await serveHistory(file)
  open.push(served)
  return served
}
