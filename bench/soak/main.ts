// A long life under load: `npm run soak`, `-- --minutes=5` for a shorter one. Ends with 1 when something grows that must not.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createClient } from '@taskloom/client'
import { keep } from '../keep.ts'
import { describeMachine } from '../record.ts'
import { Child } from './child.ts'
import { parseOptions, type SoakOptions } from './options.ts'
import type { Counts, PageTally, SoakReport } from './report.ts'
import { formatVerdicts, judgeSlopes, metrics, warmUpOf, type Reading } from './verdict.ts'

const pageCount = 20
const readEveryMs = 10_000
/** In this time pages show what the server says, once it is quiet. */
const inStepWithinMs = 20_000

/**
 * V8 widens and narrows the room for young objects by some 10 MB as the machine is more or less busy, which hides what
 * grows slowly: here it has one size.
 */
const hostFlags = ['--expose-gc', '--min-semi-space-size=8', '--max-semi-space-size=8']

const options = readOptions()
const machine = describeMachine()
const folder = await mkdtemp(join(tmpdir(), 'taskloom-soak-'))
const config = { file: join(folder, 'tasks.db'), perSecond: options.perSecond }
const host = new Child('host.mjs', hostFlags, config)
try {
  const { port } = await host.ready<{ port: number }>()
  const pages = new Child('pages.mjs', [], { port, pages: pageCount })
  try {
    await pages.ready()
    const report = await soak(host, pages, port)
    await tell(report)
  } finally {
    await pages.end()
  }
} finally {
  await host.end()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
}

function readOptions(): SoakOptions {
  try {
    return parseOptions(process.argv.slice(2))
  } catch (error) {
    console.error((error as Error).message)
    process.exit(2)
  }
}

async function soak(host: Child, pages: Child, port: number): Promise<SoakReport> {
  const { minutes, perSecond } = options
  const lengthMs = minutes * 60_000
  const warmUpMs = warmUpOf(lengthMs)
  await host.ask('load')
  const readings = await readAll(host, lengthMs)
  await host.ask('rest')
  const inStep = await waitInStep(pages, port)
  const { counts } = await host.ask<{ counts: Counts }>('read')
  const tally = await pages.ask<PageTally>('read')
  await host.ask('stop')
  const verdicts = judgeSlopes(readings, warmUpMs)
  return {
    ...{ minutes, perSecond, warmUpMinutes: warmUpMs / 60_000, readings, verdicts, counts },
    pages: { ...tally, inStep },
    faults: findFaults(counts, inStep, lengthMs),
  }
}

async function readAll(host: Child, lengthMs: number): Promise<readonly Reading[]> {
  const readings: Reading[] = []
  const startedAt = performance.now()
  for (let atMs = readEveryMs; atMs <= lengthMs; atMs += readEveryMs) {
    await sleep(Math.max(0, startedAt + atMs - performance.now()))
    const { counts, ...figures } = await host.ask<Omit<Reading, 'atMs'> & { counts: Counts }>('read')
    readings.push({ atMs, ...figures })
    const shown = metrics.map(({ key }) => `${key} ${figures[key].toFixed(2)}`).join(', ')
    console.log(`${(atMs / 60_000).toFixed(2)} min: ${shown}; ${counts.ended} ended`)
  }
  return readings
}

/** Whether all pages that show everything come to say what the server says. */
async function waitInStep(pages: Child, port: number): Promise<boolean> {
  const client = createClient({ src: `http://127.0.0.1:${port}/tasks` })
  const giveUpAt = performance.now() + inStepWithinMs
  for (;;) {
    const totals = await pages.ask<readonly (number | null)[]>('totals')
    const { total } = await client.metrics()
    if (totals.every((shown) => shown === total)) return true
    if (performance.now() > giveUpAt) return false
    await sleep(500)
  }
}

function findFaults({ enqueued, refused, faults }: Counts, inStep: boolean, lengthMs: number): readonly string[] {
  const asked = (lengthMs / 1_000) * options.perSecond
  return [
    ...(refused > 0 ? [`${refused} tasks were refused`] : []),
    ...(faults > 0 ? [`${faults} faults of the engine`] : []),
    ...(enqueued < asked * 0.98 ? [`only ${enqueued} of ${asked} tasks were enqueued`] : []),
    ...(inStep ? [] : ['a page does not show what the server says']),
  ]
}

async function tell(report: SoakReport): Promise<void> {
  const { verdicts, counts, pages, faults } = report
  console.log(`\n${formatVerdicts(verdicts)}\n`)
  console.log(`${counts.enqueued} enqueued, ${counts.ended} succeeded, ${counts.failed} failed for good`)
  console.log(`${pageCount} pages: ${pages.cuts} times cut off, ${pages.reopened} times opened anew`)
  for (const fault of faults) console.log(fault)
  await keep('soak', report, { machine, packages: ['@taskloom/engine', 'better-sqlite3'], isKept: options.isSaved })
  if (faults.length > 0 || verdicts.some(({ isOut }) => isOut)) process.exitCode = 1
}
