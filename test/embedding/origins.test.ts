import type { Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launchBrowser, type TestBrowser } from '../whole/browser.ts'
import { appears, byRole, clickOn, rowSelector } from '../whole/screen.ts'
import { htmlPage, says, startSite, type Site } from './site.ts'

const key = 'a-key-of-sixteen-letters-and-more'
const password = 'correct horse battery staple'

let browser: TestBrowser
/** Whose page it is, and whose tasks they are. */
let host: Site
let server: Site
let page: Page
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())
beforeEach(async () => {
  host = await startSite({ mounts: {} })
  server = await startSite({
    mounts: {
      '/tasks': { cors: [host.origin], apiKey: key, auth: { users: [{ username: 'ann', password }] } },
    },
  })
  page = await browser.newPage()
})
afterEach(async () => {
  await page.close()
  await server.close()
  await host.close()
})

async function failed(): Promise<string> {
  const manager = server.tasks['/tasks']!
  const { id } = await manager
    .define('charge_card', { retries: 0 }, () => Promise.reject(new Error('declined')))
    .enqueue()
  await manager.wait(id)
  return id
}

function retriesOf(id: string): () => Promise<number> {
  return async () => (await server.tasks['/tasks']!.source.detail(id)).retryCount
}

function visit(body: string, script = ''): Promise<unknown> {
  const assets = `${server.origin}/tasks/dashboard/assets`
  const head = `<script type="module" crossorigin src="${assets}/task-dashboard.js"></script>
    <script type="module" crossorigin src="${assets}/task-siblings.js"></script><script>addEventListener('DOMContentLoaded', async () => { ${script} })</script>`
  host.serve({ '/': htmlPage(body, head) })
  return page.goto(host.origin)
}

const dashboard = () => `<task-dashboard src="${server.origin}/tasks"></task-dashboard>`

describe('a page of another origin', () => {
  it('shows and retries with a bearer that it is given', async () => {
    const id = await failed()
    const list = `<task-list src="${server.origin}/tasks" status="failed"></task-list>`
    await visit(
      dashboard() + list,
      `for (const element of document.querySelectorAll('task-dashboard, task-list')) element.getToken = async () => '${key}'`,
    )
    await appears(page, rowSelector(id))
    await says(page, 'charge_card', 'task-list')
    await clickOn(page, rowSelector(id))
    await clickOn(page, byRole('button', 'Retry'))
    await expect.poll(retriesOf(id), { timeout: 10_000 }).toBe(1)
    expect(await page.evaluate(() => JSON.stringify({ ...localStorage }))).not.toContain(key)
    expect(host.asked.concat(server.asked).join(' ')).not.toContain(key)
  })

  it('shows with headers of its own, which may be a function', async () => {
    const id = await failed()
    await visit(dashboard(), `document.querySelector('task-dashboard').headers = () => ({ 'x-api-key': '${key}' })`)
    await appears(page, rowSelector(id))
    await expect.poll(server.streams).toBe(1)
  })

  it('shows with the cookies of who is signed in there', async () => {
    const id = await failed()
    await visit(
      '',
      `const body = JSON.stringify({ username: 'ann', password: '${password}' })
       const login = await fetch('${server.origin}/tasks/auth/login', { method: 'POST', credentials: 'include', headers: { 'content-type': 'application/json' }, body })
       document.title = String(login.status)
       document.body.innerHTML = '<task-dashboard credentials="include" src="${server.origin}/tasks"></task-dashboard><task-status credentials="include" src="${server.origin}/tasks" task-id="${id}"></task-status>'`,
    )
    await expect.poll(() => page.title(), { timeout: 10_000 }).toBe('200')
    await appears(page, rowSelector(id))
    await says(page, 'Failed', 'task-status')
    await clickOn(page, rowSelector(id))
    await clickOn(page, byRole('button', 'Retry'))
    await expect.poll(retriesOf(id), { timeout: 10_000 }).toBe(1)
  })

  it('is told that nobody is signed in, by each element in its place', async () => {
    await failed()
    await visit(
      `${dashboard()}<task-status src="${server.origin}/tasks" task-id="x"></task-status><task-list src="${server.origin}/tasks"></task-list>`,
    )
    await says(page, 'Signed out', 'task-status')
    await says(page, 'Signed out', 'task-list')
    await says(page, /[Ss]igned out|Sign in/, 'task-dashboard')
    const asked = server.asked.length
    await page.evaluate(() => document.dispatchEvent(new Event('visibilitychange')))
    expect(server.asked.length).toBe(asked)
  })
})

describe('a page of an origin that nobody named', () => {
  it('reads nothing and says that it cannot', async () => {
    const stranger = await startSite({ mounts: {} })
    try {
      stranger.serve({
        '/': htmlPage(
          `<task-list src="${server.origin}/tasks"></task-list>`,
          '<script type="module" src="/built/task-siblings.js"></script>',
        ),
      })
      await page.goto(stranger.origin)
      await says(page, 'Cannot be loaded', 'task-list')
    } finally {
      await stranger.close()
    }
  })
})
