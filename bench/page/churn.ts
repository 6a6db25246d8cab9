import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { CDPSession, Page } from 'puppeteer-core'
import { launchBrowser } from '../../test/whole/browser.ts'
import { ourFirstRow } from './first-rows.ts'

export interface ChurnFigures {
  /** Changes on the server in each second, as asked. */
  readonly changesPerSecond: number
  readonly seconds: number
  /** Share of the time in which the page's main thread was busy, 0–1. */
  readonly busyShare: number
  /** Tasks of the main thread above 50 ms after the page was loaded, and the longest of all, milliseconds. */
  readonly longTasks: number
  readonly longestMs: number
  /** Heap after a collection: at the beginning and at the end, bytes. */
  readonly heapBefore: number
  readonly heapAfter: number
  /** How often the rows were drawn anew, as far as the first row tells. */
  readonly redraws: number
}

const settleMs = 5_000

/** The dashboard over a server with so many changes a second, looked at by nobody's pointer. */
export async function measureChurn(changesPerSecond: number, seconds: number): Promise<ChurnFigures> {
  const script = fileURLToPath(new URL('./busy-host.mjs', import.meta.url))
  const host = spawn(process.execPath, [script, String(changesPerSecond)], { stdio: ['ignore', 'pipe', 'inherit'] })
  const browser = await launchBrowser()
  try {
    const [line] = (await once(createInterface(host.stdout), 'line')) as [string]
    const page = await browser.newPage()
    await page.evaluateOnNewDocument(() => {
      const seen: number[] = []
      Object.assign(window, { longTasks: seen })
      new PerformanceObserver((list) => seen.push(...list.getEntries().map(({ duration }) => duration))).observe({
        type: 'longtask',
      })
    })
    await page.goto(`http://127.0.0.1:${line.replace('port ', '')}/tasks/dashboard`)
    await page.waitForFunction(ourFirstRow, { polling: 50 })
    await page.evaluate(`new Promise((resolve) => setTimeout(resolve, ${settleMs}))`)
    return { changesPerSecond, seconds, ...(await watch(page, seconds)) }
  } finally {
    await browser.close()
    host.kill()
  }
}

async function watch(page: Page, seconds: number): Promise<Omit<ChurnFigures, 'changesPerSecond' | 'seconds'>> {
  const session = await page.createCDPSession()
  await session.send('Performance.enable')
  await page.evaluate(countRedraws)
  const heapBefore = await heapOf(session)
  await page.evaluate('longTasks.length = 0')
  const [busyBefore, begin] = [await busySeconds(session), performance.now()]
  await page.evaluate(`new Promise((resolve) => setTimeout(resolve, ${seconds * 1_000}))`)
  const busyShare = ((await busySeconds(session)) - busyBefore) / ((performance.now() - begin) / 1_000)
  const longTasks = (await page.evaluate('[...longTasks]')) as number[]
  const redraws = (await page.evaluate('redraws')) as number
  const heapAfter = await heapOf(session)
  return {
    busyShare,
    longTasks: longTasks.length,
    longestMs: Math.max(0, ...longTasks),
    heapBefore,
    heapAfter,
    redraws,
  }
}

/** A page that stands still is not busy: what is measured must move. */
const countRedraws = `{
  window.redraws = 0
  let before = null
  setInterval(() => {
    const table = document.querySelector('task-dashboard').shadowRoot.querySelector('task-table')
    const now = table.shadowRoot.querySelector('tr[data-task-id]')?.dataset.taskId
    if (now !== before) window.redraws += 1
    before = now
  }, 100)
}`

async function busySeconds(session: CDPSession): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? Number.NaN
}

async function heapOf(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage')
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN
}
