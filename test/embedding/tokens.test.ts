import { progress } from '@taskloom/engine'
import type { Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launchBrowser, type TestBrowser } from '../whole/browser.ts'
import { htmlPage, says, startSite, type Site } from './site.ts'

let browser: TestBrowser
let site: Site
let page: Page
let own: string
let other: string
let letGo: () => void
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())
beforeEach(async () => {
  site = await startSite({
    mounts: { '/tasks': { auth: { users: [{ username: 'ann', password: 'correct horse battery staple' }] } } },
  })
  const gate = new Promise<void>((resolve) => (letGo = resolve))
  const work = site.tasks['/tasks']!.define('import_addresses', async () => {
    progress({ current: 40, total: 100, message: 'half way' })
    await gate
    progress({ current: 90, total: 100, message: 'nearly' })
  })
  own = (await work.enqueue()).id
  other = (await work.enqueue()).id
  page = await browser.newPage()
})
afterEach(async () => {
  await page.close()
  await site.close()
})

async function visit(token: string): Promise<void> {
  const body = `<task-progress src="/tasks" token="${token}" task-id="${own}"></task-progress>
    <task-list src="/tasks" token="${token}"></task-list>
    <task-status src="/tasks" token="${token}" task-id="${other}"></task-status>`
  site.serve({ '/': htmlPage(body, '<script type="module" src="/built/task-siblings.js"></script>') })
  await page.goto(site.origin)
}

describe('a reader with a token for one task', () => {
  it('sees it live and no other, and leaves the token nowhere', async () => {
    const token = await site.tasks['/tasks']!.publicToken(own)
    await visit(token)
    await says(page, '40', 'task-progress')
    await says(page, 'half way', 'task-progress')
    await says(page, 'Not found', 'task-status')
    await says(page, 'import_addresses', 'task-list')
    expect(await page.$$eval('pierce/li', (rows) => rows.length)).toBe(1)
    await expect.poll(site.streams).toBe(1)
    const asked = site.asked.filter((path) => path.endsWith('/progress')).length
    letGo()
    await says(page, 'Success', 'task-progress')
    await says(page, 'Success', 'task-list')
    // Told by the stream, and not by asking again.
    expect(site.asked.filter((path) => path.endsWith('/progress')).length).toBeLessThanOrEqual(asked + 1)
    expect(site.asked.join(' ')).not.toContain(token)
    expect(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }]))).not.toContain(token)
  })

  it('is told when the token is over', { timeout: 40_000 }, async () => {
    await visit(await site.tasks['/tasks']!.publicToken(own, { expiresIn: '2s' }))
    await says(page, '40', 'task-progress')
    await says(page, 'Signed out', 'task-progress', 20_000)
    await expect.poll(site.streams).toBe(0)
  })
})
