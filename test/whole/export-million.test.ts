import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { buildHistory } from '../../bench/histories.ts'
import { launchBrowser, type TestBrowser } from './browser.ts'
import { appears, byRole, clickOn, shownText } from './screen.ts'

const count = 1_000_000
const mostHeapGrowth = 60 * 1024 * 1024

let folder: string
let child: ChildProcess
let origin: string
let browser: TestBrowser

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taskloom-million-'))
  const file = join(folder, 'tasks.db')
  buildHistory(file, count)
  const script = fileURLToPath(new URL('../server/export-host.mjs', import.meta.url))
  child = spawn(process.execPath, ['--expose-gc', script, file], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = (await once(createInterface(child.stdout!), 'line')) as [string]
  origin = `http://127.0.0.1:${line.replace('port ', '')}`
  browser = await launchBrowser()
}, 600_000)
afterAll(async () => {
  await browser.close()
  child.kill('SIGKILL')
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

it('a page exports 1,000,000 rows, says how far it is, and keeps none of them', async () => {
  const page = await browser.newPage()
  const downloads = join(folder, 'downloads')
  const session = await browser.browser.target().createCDPSession()
  await session.send('Browser.setDownloadBehavior', { behavior: 'allow', downloadPath: downloads, eventsEnabled: true })
  const saved = new Promise<void>((resolve) => {
    session.on('Browser.downloadProgress', ({ state }) => void (state === 'completed' && resolve()))
  })
  await page.goto(`${origin}/tasks/dashboard`)
  await appears(page, 'task-dashboard >>> tr[data-task-id]')
  const before = (await page.metrics()).JSHeapUsedSize ?? 0

  await clickOn(page, byRole('button', 'Export CSV'))
  const told = new Set<string>()
  let peak = before
  const watch = async (): Promise<boolean> => {
    peak = Math.max(peak, (await page.metrics()).JSHeapUsedSize ?? 0)
    const words = /([\d,]+) \/ 1,000,000/.exec(await shownText(page))?.[1]
    if (words) told.add(words)
    return (await readdir(downloads).catch(() => [])).some((name) => name.endsWith('.csv'))
  }
  await expect.poll(watch, { timeout: 500_000, interval: 200 }).toBe(true)
  await saved

  const [name] = await readdir(downloads)
  expect(name).toMatch(/^tasks-\d{4}-\d\d-\d\d\.csv$/)
  expect(told.size).toBeGreaterThan(3)
  expect(peak - before).toBeLessThan(mostHeapGrowth)
  expect(await rowsOf(createReadStream(join(downloads, name!)))).toEqual({ lines: count + 1, ids: count })
  const wire = await fetch(`${origin}/tasks/export.csv`)
  expect((await stat(join(downloads, name!))).size).toBe(await sizeOf(wire))
}, 600_000)

/** How many lines there are and how many different tasks they tell of. */
async function rowsOf(stream: NodeJS.ReadableStream): Promise<{ lines: number; ids: number }> {
  const ids = new Set<string>()
  let lines = 0
  for await (const line of createInterface({ input: stream })) {
    lines += 1
    const id = /^[0-9a-f]{8}-[0-9a-f-]{27},/.exec(line)?.[0]
    if (id) ids.add(id)
  }
  return { lines, ids: ids.size }
}

async function sizeOf({ body }: Response): Promise<number> {
  let size = 0
  for await (const chunk of body as unknown as AsyncIterable<Uint8Array>) size += chunk.byteLength
  return size
}
