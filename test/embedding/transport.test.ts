import type { Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser, type TestBrowser } from '../whole/browser.ts'
import { appears, rowSelector } from '../whole/screen.ts'
import { htmlPage, says, startSite, type Site } from './site.ts'

let browser: TestBrowser
let site: Site
let page: Page
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())
afterEach(async () => {
  await page.close()
  await site.close()
})

let sendLetter: { enqueue(): Promise<{ readonly id: string }> }

async function visit(attributes: string, script = ''): Promise<void> {
  const module = '<script type="module" src="/tasks/dashboard/assets/task-dashboard.js"></script>'
  const body = `<task-dashboard src="/tasks" ${attributes}></task-dashboard>`
  site = await startSite({ pages: { '/': htmlPage(body, `${module}<script>${script}</script>`) } })
  sendLetter = site.tasks['/tasks']!.define('send_letter', () => 'sent')
  page = await browser.newPage()
  await page.goto(site.origin)
}

async function run(): Promise<string> {
  const { id } = await sendLetter.enqueue()
  await site.tasks['/tasks']!.wait(id)
  return id
}

const count = (path: string) => site.asked.filter((each) => each === path).length

describe('the transport', () => {
  it('ws brings changes over a WebSocket, and takes it up again where it broke', async () => {
    await visit('transport="ws"')
    await says(page, 'Live')
    await appears(page, rowSelector(await run()))
    expect([count('/tasks/ws'), count('/tasks/stream')]).toEqual([1, 0])
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { value: true, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    })
    await expect.poll(site.streams).toBe(0)
    const missed = await run()
    await page.evaluate(() => {
      Object.defineProperty(document, 'hidden', { value: false, configurable: true })
      document.dispatchEvent(new Event('visibilitychange'))
    })
    await appears(page, rowSelector(missed))
    expect([count('/tasks/ws'), count('/tasks/stream')]).toEqual([2, 0])
  })

  it('ws is stood in for by the stream where there are no WebSockets', async () => {
    await visit('transport="ws"', `window.WebSocket = class { constructor() { throw new Error('none here') } }`)
    await says(page, 'Live')
    await appears(page, rowSelector(await run()))
    expect(count('/tasks/stream')).toBe(1)
  })

  it('ws is not used where headers are to be sent, for browsers send none with it', async () => {
    const script = `customElements.whenDefined('task-dashboard').then(() => {
      const element = document.createElement('task-dashboard')
      Object.assign(element, { transport: 'ws', src: '/tasks/', headers: { 'x-mine': '1' } })
      document.querySelector('task-dashboard').replaceWith(element)
    })`
    await visit('transport="poll"', script)
    await says(page, 'Live')
    expect(count('/tasks/ws')).toBe(0)
  })

  it('poll asks now and then and holds no stream', async () => {
    await visit('transport="poll" poll-interval="1"')
    await says(page, 'Polling')
    await appears(page, rowSelector(await run()), 15_000)
    expect([count('/tasks/ws'), count('/tasks/stream'), site.streams()]).toEqual([0, 0, 0])
  })
})
