import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { TaskManager } from '@taskloom/engine'
import { mount } from '@taskloom/engine/express'
import express from 'express'
import type { Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launchBrowser, type TestBrowser } from './browser.ts'
import { strictPolicy } from './host.ts'
import { appears, byRole, clickOn, rowSelector, shownText, watchFaults } from './screen.ts'

const password = 'correct horse battery'
const page = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Admin</title>
<script type="module" src="/tasks/dashboard/assets/task-dashboard.js"></script></head>
<body><main><h1>Admin</h1><task-dashboard src="/tasks" url-state></task-dashboard></main></body></html>`

let browser: TestBrowser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

let site: Awaited<ReturnType<typeof startSite>>
let tab: Page
beforeEach(async () => {
  site = await startSite()
  tab = await browser.newPage()
})
afterEach(async () => {
  await tab.close()
  await site.stop()
})

describe('signing in inside the element', () => {
  it(
    'lets in who is right, goes on where it was when the session ends, and signs out',
    { timeout: 90_000 },
    async () => {
      const faults = await watchFaults(tab)
      const taskId = await site.enqueue()
      await tab.goto(`${site.origin}/admin`)
      await appears(tab, byRole('textbox', 'User name'))
      expect(new URL(tab.url()).pathname).toBe('/admin')

      await signIn('ann', 'something else')
      await expect.poll(() => shownText(tab), { timeout: 20_000 }).toContain('The user name or the password is wrong.')
      await signIn('ann', password)
      await appears(tab, rowSelector(taskId))

      await clickOn(tab, rowSelector(taskId))
      await appears(tab, 'task-dashboard >>> [data-tab="attempts"]')
      await clickOn(tab, 'task-dashboard >>> [data-tab="attempts"]')
      await appears(tab, 'task-dashboard >>> .waterfall')

      await tab.deleteCookie(...(await tab.cookies(`${site.origin}/tasks`)))
      await tab.evaluate(() => (document.querySelector('task-dashboard') as unknown as { refresh(): void }).refresh())
      await appears(tab, byRole('textbox', 'User name'))
      expect(await shownText(tab)).toContain('Your session has ended')
      await signIn('ann', password)
      await expect
        .poll(() => tab.$eval('task-dashboard >>> [data-tab="attempts"]', (tab) => tab.getAttribute('aria-selected')), {
          timeout: 20_000,
        })
        .toBe('true')
      await expect.poll(() => isHidden('task-dashboard >>> .waterfall'), { timeout: 20_000 }).toBe(false)

      await clickOn(tab, byRole('button', 'View options'))
      await appears(tab, byRole('button', 'Sign out'))
      expect(await tab.$eval('task-dashboard >>> .who', (who) => who.textContent)).toBe('annAdministrator')
      await clickOn(tab, byRole('button', 'Sign out'))
      await appears(tab, byRole('textbox', 'User name'))
      expect(await tab.cookies(`${site.origin}/tasks`)).toEqual([])
      expect(await faults.read()).toEqual([])
    },
  )

  it('says how long to wait after too many wrong passwords', { timeout: 90_000 }, async () => {
    await tab.goto(`${site.origin}/admin`)
    await appears(tab, byRole('textbox', 'User name'))
    for (let index = 0; index < 10; index += 1) await site.guess()
    await signIn('ann', 'wrong again')
    await expect.poll(() => shownText(tab), { timeout: 20_000 }).toMatch(/wrong too often. Try again in 1\dm \d+s/)
  })

  it('leaves it to the host where the host knows who asks', { timeout: 60_000 }, async () => {
    await tab.goto(`${site.origin}/other`)
    await expect.poll(() => shownText(tab), { timeout: 20_000 }).toContain('Sign in to the site again')
    expect(await tab.$(byRole('textbox', 'User name'))).toBeNull()
  })
})

async function signIn(user: string, secret: string): Promise<void> {
  await tab.$eval('task-dashboard >>> #user', (field, value) => ((field as HTMLInputElement).value = value), user)
  await tab.$eval('task-dashboard >>> #password', (field, value) => ((field as HTMLInputElement).value = value), secret)
  await clickOn(tab, byRole('button', 'Sign in'))
}

function isHidden(selector: string): Promise<boolean> {
  return tab.$eval(selector, (element) => !element.checkVisibility()).catch(() => true)
}

async function startSite() {
  const tasks = new TaskManager()
  const work = tasks.define('work', () => {
    throw new Error('It does not work')
  })
  const app = express()
  app.get(['/admin', '/other'], (request, response) => {
    const html = request.path === '/other' ? page.replace('src="/tasks"', 'src="/hosted"') : page
    response.set('content-security-policy', strictPolicy).type('html').send(html)
  })
  const mounted = mount(app, tasks, {
    path: '/tasks',
    auth: [{ username: 'ann', password }],
    secretKey: 's'.repeat(4) + 'kJ3hG9dLq0aZxW7vBnM5cR2tYpE8uI1o',
  })
  const hosted = mount(app, tasks, { path: '/hosted', auth: () => null })
  const server = createServer(app)
  await tasks.start()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    origin,
    enqueue: async () => (await work.enqueue()).id,
    guess: () =>
      fetch(`${origin}/tasks/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ username: 'ann', password: 'wrong' }),
      }),
    async stop() {
      await mounted.close()
      await hosted.close()
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
