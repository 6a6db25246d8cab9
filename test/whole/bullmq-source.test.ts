import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fill, plainQueues, queueNames, type PlainQueues } from '../queues/bullmq-source/plain.ts'
import { serveBoard, type Board } from '../queues/bullmq-source/serve.ts'
import { startRedis } from '../servers/redis.ts'
import { useServer } from '../servers/use-server.ts'
import { launchBrowser, type TestBrowser } from './browser.ts'
import { appears, openTab, rowSelector, shownText, watchFaults } from './screen.ts'

/** Where pictures of the tabs are put, for who wants to look; nowhere by default. */
const pictures = process.env['TASKLOOM_PICTURES']
const server = useServer(startRedis)
let browser: TestBrowser
let plain: PlainQueues
let board: Board

beforeAll(async () => {
  if (server.missing !== null) return
  browser = await launchBrowser()
  const url = await server.database()
  plain = plainQueues(url)
  await fill(plain, url, 10_000)
  board = await serveBoard({ connection: url, queues: queueNames })
}, 120_000)
afterAll(async () => {
  await browser?.close()
  await board?.close()
  await plain?.close()
}, 30_000)

/** What each tab that applies has to say of these queues. */
const tabs = [
  ['View', 'build_report'],
  ['Dead letters', 'no account for order'],
  ['Schedules', 'reports:nightly'],
  ['Queues', 'billing'],
  ['Workers', 'mailer-1'],
  ['Metrics', 'send_mail'],
] as const

it.each([1440, 360])('walks every tab over queues of plain BullMQ, %i wide', { timeout: 90_000 }, async (width) => {
  const page = await browser.newPage({ width, height: 900 })
  const faults = await watchFaults(page)
  const answers: string[] = []
  page.on('response', (response) => {
    if (response.status() >= 400 && response.url().includes('/tasks'))
      answers.push(`${response.status()} ${response.url()}`)
  })
  const picture = async (name: string): Promise<void> => {
    if (pictures) await page.screenshot({ path: join(pictures, `${name}-${width}.png`) })
  }
  await page.goto(`${board.origin}/tasks/dashboard`)
  for (const [tab, word] of tabs) {
    await openTab(page, tab)
    await expect.poll(() => shownText(page), { timeout: 15_000, message: tab }).toContain(word)
    await picture(tab.replace(' ', '-').toLowerCase())
  }
  const text = await page.$$eval('task-dashboard >>> [role="tab"]', (all) => all.map((one) => one.textContent?.trim()))
  for (const missing of ['Tasks', 'Operations', 'Audit']) {
    expect(text.filter((word) => word?.startsWith(missing))).toEqual([])
  }

  await page.goto(`${board.origin}/tasks/dashboard?task=reports:annual`)
  await openTab(page, 'View')
  await appears(page, rowSelector('reports:annual'))
  await page.evaluate((selector) => {
    const table = document.querySelector('task-dashboard')?.shadowRoot?.querySelector('task-table')?.shadowRoot
    table?.querySelector<HTMLElement>(selector)?.click()
  }, '[data-task-id="reports:annual"]')
  await expect.poll(() => shownText(page), { timeout: 15_000 }).toContain('Lineage')
  await picture('detail')
  expect([await faults.read(), answers, board.faults]).toEqual([[], [], []])
  await page.close()
})
