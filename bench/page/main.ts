// The page in a real Chromium, as ratios: `npm run bench:page`. With `--quick` 100,000 instead of 1,000,000 tasks and 15 instead of
// 60 seconds; with `--boards` only our dashboard and `@bull-board` over the same queue of BullMQ.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildHistory } from '../histories.ts'
import { isToBeKept, keep } from '../keep.ts'
import { describeMachine } from '../record.ts'
import type { PageReport } from '../reports.ts'
import { serveHistory, type ServedHistory } from '../served.ts'
import { serveBoards } from './boards.ts'
import { measureChurn } from './churn.ts'
import { measureFirstRows, ourFirstRow, type FirstRow } from './first-rows.ts'

const machine = describeMachine()
const isQuick = process.argv.includes('--quick')
const largeCount = isQuick ? 100_000 : 1_000_000
const peerCount = 10_000
const rounds = isQuick ? 5 : 11
const megabyte = 1024 * 1024

const folder = await mkdtemp(join(tmpdir(), 'taskloom-page-'))
const open: ServedHistory[] = []
const boards = await serveBoards(peerCount)
try {
  const { ours, theirs } = boards
  const compared = await measureFirstRows([ours, theirs], rounds)
  const [own, peer] = [compared.get(ours.name)!, compared.get(theirs.name)!]
  console.log(`first of ${peerCount} jobs of plain BullMQ: ${words(own)}; @bull-board ${words(peer)}`)
  console.log(
    `  ratios ${(peer.ms / own.ms).toFixed(2)} of time, ${(peer.bytes / own.bytes).toFixed(2)} of bytes (bounds 1)`,
  )
  if (!process.argv.includes('--boards')) await measureHistories(own)
} finally {
  for (const served of open) await served.close()
  boards.close()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}

function words({ ms, bytes }: FirstRow): string {
  return `${ms.toFixed(0)} ms and ${(bytes / 1024).toFixed(0)} KiB`
}

async function measureHistories(overBullmq: FirstRow): Promise<void> {
  const [few, many] = [await history(100), await history(largeCount)]
  const pages = [
    { name: 'few', url: `${few.origin}/dashboard`, isThere: ourFirstRow },
    { name: 'many', url: `${many.origin}/dashboard`, isThere: ourFirstRow },
    boards.theirs,
  ]
  const firstRows = await measureFirstRows(pages, rounds)
  const ms = (name: string) => firstRows.get(name)?.ms ?? Number.NaN
  console.log(`first row: ${ms('few').toFixed(0)} ms of 100 tasks, ${ms('many').toFixed(0)} ms of ${largeCount}`)
  console.log(`  ratio ${(ms('many') / ms('few')).toFixed(2)} (bound 1.5)`)
  console.log(`@bull-board, first of ${peerCount} jobs: ${ms('board').toFixed(0)} ms`)
  console.log(`  ratio ${(ms('board') / ms('many')).toFixed(2)} (bound 4)`)

  await keepFigures([
    { name: 'Taskloom, 100 tasks', ms: ms('few'), isOurs: true },
    { name: `Taskloom, ${largeCount.toLocaleString('en-US')} tasks`, ms: ms('many'), isOurs: true },
    { name: `Taskloom over BullMQ, ${peerCount.toLocaleString('en-US')} jobs`, ms: overBullmq.ms, isOurs: true },
    { name: `@bull-board, ${peerCount.toLocaleString('en-US')} jobs`, ms: ms('board'), isOurs: false },
  ])

  const churn = await measureChurn(1_000, isQuick ? 15 : 60)
  console.log(
    `${churn.changesPerSecond} changes a second for ${churn.seconds} s, the rows drawn anew ${churn.redraws} times`,
  )
  console.log(`  main thread busy ${(churn.busyShare * 100).toFixed(1)} % (bound 20 %)`)
  console.log(`  long tasks: ${churn.longTasks} (bound 0), the longest ${churn.longestMs.toFixed(0)} ms`)
  const [before, after] = [churn.heapBefore / megabyte, churn.heapAfter / megabyte]
  console.log(`  heap ${before.toFixed(1)} MB at the beginning, ${after.toFixed(1)} MB at the end`)
}

async function keepFigures(firstRows: PageReport['firstRows']): Promise<void> {
  const packages = ['@taskloom/dashboard', 'peers/@bull-board/api', 'peers/bullmq', 'puppeteer-core']
  await keep('page', { firstRows }, { machine, packages, isKept: isToBeKept(process.argv) })
}

async function history(count: number): Promise<ServedHistory> {
  const file = join(folder, `${count}.db`)
  buildHistory(file, count)
  const served = await serveHistory(file)
  open.push(served)
  return served
}
