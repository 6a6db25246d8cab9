import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launchBrowser, type TestBrowser } from '../whole/browser.ts'
import { appears, byRole, clickOn, rowSelector } from '../whole/screen.ts'
import { builtFile, htmlPage, says, startSite, type Site } from './site.ts'

const folder = fileURLToPath(builtFile('.'))
let hashes: Record<string, string>
beforeAll(async () => {
  hashes = JSON.parse(await readFile(builtFile('integrity.json'), 'utf8')) as Record<string, string>
})

function integrityOf(content: Buffer): string {
  return `sha384-${createHash('sha384').update(content).digest('base64')}`
}

describe('integrity.json', () => {
  it('has the hash of each file that is built, and of no other', async () => {
    const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.js'))
    expect(Object.keys(hashes).sort()).toEqual(files.map((name) => name.replaceAll('\\', '/')).sort())
    for (const [name, hash] of Object.entries(hashes)) {
      expect(integrityOf(await readFile(builtFile(name))), name).toBe(hash)
    }
  })
})

describe('a page that says what it expects', () => {
  let browser: TestBrowser
  let site: Site
  let page: Page
  let taskId: string
  const name = (pattern: RegExp) => Object.keys(hashes).find((file) => pattern.test(file))!
  const tag = (file: string, integrity: string | null) =>
    `<script ${file.includes('iife') ? '' : 'type="module"'} src="/built/${file}" ${integrity ? `integrity="${integrity}"` : ''}></script>`

  beforeAll(async () => {
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())
  beforeEach(async () => {
    site = await startSite({
      headers: { 'content-security-policy': "default-src 'none'; script-src 'self'; connect-src 'self'" },
    })
    page = await browser.newPage()
    await page.evaluateOnNewDocument(() => {
      const refused: string[] = []
      Object.assign(window, { refused })
      const note = ({ target }: Event) =>
        refused.push((target as HTMLLinkElement).href ?? (target as HTMLScriptElement).src)
      document.addEventListener('error', note, true)
    })
    const manager = site.tasks['/tasks']!
    taskId = (await manager.define('send_letter', () => 'sent').enqueue()).id
    await manager.wait(taskId)
  })
  afterEach(async () => {
    await page.close()
    await site.close()
  })

  async function visit(script: string): Promise<void> {
    site.serve({ '/': htmlPage('<task-dashboard src="/tasks"></task-dashboard>', script) })
    await page.goto(site.origin)
  }

  /** The file as it is, and something more that the page would notice. */
  async function tamper(file: string): Promise<void> {
    const text = await readFile(builtFile(file), 'utf8')
    site.serve({ [`/built/${file}`]: `${text};window.tampered = true` })
  }

  /** Waits until the browser has refused a file. */
  async function refuses(pattern: RegExp): Promise<void> {
    const refused = () => page.evaluate(() => (window as unknown as { refused: string[] }).refused.join(' '))
    await expect.poll(refused, { timeout: 10_000 }).toMatch(pattern)
  }

  const isTampered = () => page.evaluate(() => 'tampered' in window)

  it.each(['task-dashboard.js', 'task-dashboard.iife.js'])(
    'works with %s and its hash, parts included',
    async (file) => {
      await visit(tag(file, hashes[file]!))
      await clickOn(page, rowSelector(taskId))
      await says(page, taskId)
      await clickOn(page, byRole('button', 'Close'))
    },
  )

  it('runs no part that is another than was built, and no part of a part', async () => {
    await tamper(name(/parts\/detail-/))
    await visit(tag('task-dashboard.js', hashes['task-dashboard.js']!))
    await clickOn(page, rowSelector(taskId))
    await refuses(/parts\/detail-/)
    await appears(page, rowSelector(taskId))
    expect(await isTampered()).toBe(false)
    expect(await page.$('task-dashboard >>> task-detail-panel >>> [part]')).toBe(null)
  })

  it('runs a part that is another where it says nothing', async () => {
    await tamper(name(/parts\/detail-/))
    await visit(tag('task-dashboard.js', null))
    await clickOn(page, rowSelector(taskId))
    await expect.poll(isTampered).toBe(true)
  })

  it('runs nothing when the list of hashes is another', async () => {
    // The small elements have a list of their own beside it.
    const [list = ''] = /parts\/hashes-[\w-]+\.js/.exec(await readFile(builtFile('task-dashboard.js'), 'utf8')) ?? []
    await tamper(list)
    await visit(tag('task-dashboard.js', hashes['task-dashboard.js']!))
    await clickOn(page, rowSelector(taskId))
    await refuses(/parts\/hashes-/)
    expect(await isTampered()).toBe(false)
  })

  it.each(['task-dashboard.js', 'task-dashboard.iife.js'])('runs no other module, named by %s', async (file) => {
    await tamper('task-dashboard.js')
    await visit(tag(file, hashes[file]!))
    await refuses(/task-dashboard\.js/)
    expect([await isTampered(), await page.$('task-dashboard:defined')]).toEqual([false, null])
  })
})
