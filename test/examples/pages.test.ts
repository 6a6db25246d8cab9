import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { says } from '../embedding/site.ts'
import { launchBrowser, type TestBrowser } from '../whole/browser.ts'
import { appears, byRole, clickOn, openTab, rowSelector } from '../whole/screen.ts'
import { examples, listTasks, Workshop } from './running.ts'

let browser: TestBrowser
let workshop: Workshop
let page: Page
let faults: string[]
beforeAll(async () => {
  browser = await launchBrowser()
}, 60_000)
afterAll(() => browser.close())
beforeEach(async () => {
  workshop = await Workshop.open()
  page = await browser.newPage()
  faults = []
  page.on('pageerror', (error) => faults.push(String(error)))
  page.on('console', (message) => {
    if (['error', 'warn'].includes(message.type()) && !message.location().url?.endsWith('/favicon.ico'))
      faults.push(message.text())
  })
})
afterEach(async () => {
  await page.close()
  await workshop.close()
})

async function build(example: string): Promise<void> {
  const { NODE_ENV: _env, VITEST: _vitest, ...env } = process.env
  const vite = join(examples, 'node_modules/vite/bin/vite.js')
  const child = spawn(process.execPath, [vite, 'build'], { cwd: join(examples, example), env, stdio: 'pipe' })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const [code] = (await once(child, 'close')) as [number | null]
  expect(code, said).toBe(0)
}

describe.each(['react', 'vue', 'svelte'])('the example %s', (name) => {
  it('follows what its button has started, beside the dashboard', { timeout: 120_000 }, async () => {
    await build(name)
    const site = await workshop.start(name, 'server.ts')
    await page.goto(site.origin)
    await clickOn(page, byRole('button', 'Count the primes below a million'))
    await says(page, 'It ended: success.', '[role="status"]', 30_000)
    const [task] = await listTasks(site.origin)
    expect(task).toMatchObject({ func_name: 'count_primes', status: 'success' })
    await appears(page, rowSelector(task?.task_id ?? ''))
    await says(page, 'Success', 'task-progress')
    expect(faults).toEqual([])
    await page.goto('about:blank')
    expect(await site.stop()).toBe(0)
  })
})

describe('the example own-panel', () => {
  it('shows the panel of the server and that of the page', { timeout: 60_000 }, async () => {
    const site = await workshop.start('own-panel', 'server.ts')
    await page.goto(site.origin)
    await clickOn(page, byRole('button', 'Place an order'))
    await expect
      .poll(() => listTasks(site.origin), { timeout: 20_000 })
      .toMatchObject([{ func_name: 'book_order', status: 'success' }])
    await openTab(page, 'Orders')
    await says(page, 'Ritter', 'task-dashboard')
    await says(page, /10.?001/, 'task-dashboard')
    await openTab(page, 'Backlog')
    await says(page, 'Nothing waits.', 'task-dashboard')
    expect(faults).toEqual([])
    await page.goto('about:blank')
    expect(await site.stop()).toBe(0)
  })
})
