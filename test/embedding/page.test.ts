import type { Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser, type TestBrowser } from '../whole/browser.ts'
import { appears, byRole, clickOn, rowSelector, watchFaults } from '../whole/screen.ts'
import { htmlPage, says, startSite, textIn, type Site, type SiteOptions } from './site.ts'

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

const module = '<script type="module" src="/tasks/dashboard/assets/task-dashboard.js"></script>'
const plain = '<task-dashboard src="/tasks"></task-dashboard>'

async function open(body: string, { head = module, ...options }: SiteOptions & { head?: string } = {}): Promise<void> {
  site = await startSite({ ...options, pages: { '/': htmlPage(body, head), ...options.pages } })
  page = await browser.newPage()
}

/** A task that ran, on the manager of a mount. */
async function run(name: string, path = '/tasks'): Promise<string> {
  const manager = site.tasks[path]!
  const { id } = await manager.define(name, () => name).enqueue()
  await manager.wait(id)
  return id
}

describe('two dashboards on one page', () => {
  it('show their own tasks, over a stream each, and remember their own filters', async () => {
    const body =
      '<task-dashboard src="/mail" title="Mail"></task-dashboard><task-dashboard src="/shop/"></task-dashboard>'
    await open(body, {
      mounts: { '/mail': {}, '/shop': { title: 'Shop' } },
      head: module.replace('/tasks/', '/mail/'),
    })
    await run('send_letter', '/mail')
    await run('charge_card', '/shop')
    await page.goto(site.origin)
    const [mail, shop] = ['task-dashboard:first-of-type', 'task-dashboard:last-of-type']
    await says(page, 'send_letter', mail)
    await says(page, 'charge_card', shop)
    expect(await textIn(page, mail)).not.toContain('charge_card')
    expect(await textIn(page, shop)).not.toContain('send_letter')
    await expect.poll(site.streams).toBe(2)
    const later = await run('print_label', '/shop')
    await appears(page, `task-dashboard:last-of-type >>> [data-task-id="${later}"]`)

    await page.$eval('task-dashboard', (element) =>
      (element as HTMLElement & { store: { setView(view: object): Promise<void> } }).store.setView({
        search: 'nothing',
      }),
    )
    await says(page, 'Nothing matches', mail)
    await page.reload()
    await says(page, 'Nothing matches', mail)
    await says(page, 'charge_card', shop)
  })
})

describe('a host with style sheets of its own', () => {
  const sheets: Readonly<Record<string, string>> = {
    'that reverts everything': '* { all: revert !important }',
    'that hides its layout':
      'div, section, table, tr, td, svg, span { display: none !important } p { position: absolute }',
    'with huge letters':
      'html { font-size: 40px } * { font-size: 40px; line-height: 3; letter-spacing: 9px; text-transform: uppercase }',
    'that styles buttons and inputs':
      'button, input, select { width: 400px !important; height: 90px !important; border: 9px dashed red !important; float: right }',
    'with a grid of twelve columns':
      'body, body > * { display: grid; grid-template-columns: repeat(12, 1fr) } * { box-sizing: content-box; margin: 7px; padding: 7px }',
  }

  for (const [name, sheet] of Object.entries(sheets)) {
    it(`${name}: rows and buttons keep their looks`, async () => {
      await open(plain, { head: `${module}<style>${sheet}</style>` })
      const id = await run('send_letter')
      await page.goto(site.origin)
      const row = await appears(page, rowSelector(id))
      const box = await row.boundingBox()
      expect(box?.height).toBeGreaterThan(24)
      expect(box?.height).toBeLessThan(130)
      const button = await (await appears(page, byRole('button', 'Pause'))).boundingBox()
      expect(button?.width).toBeLessThan(300)
      expect(button?.height).toBeLessThan(60)
      await clickOn(page, `${rowSelector(id)} [data-column="function"]`)
      await says(page, id)
    })
  }

  it('that is written from right to left: nothing leaves the page', async () => {
    await open(plain, { head: `${module}<style>html { direction: rtl }</style>` })
    const id = await run('send_letter')
    await page.goto(site.origin)
    await appears(page, rowSelector(id))
    const [width, shown] = await page.evaluate(() => [innerWidth, document.documentElement.scrollWidth])
    expect(shown).toBeLessThanOrEqual(width!)
  })
})

describe('scripts', () => {
  it('may come twice, as a module and as a plain script, in two versions, with the small ones', async () => {
    const twice = `<script src="/built/task-dashboard.iife.js"></script>${module}
      <script type="module" src="/built/task-dashboard.js?other-version"></script>
      <script type="module" src="/built/task-siblings.js"></script><script src="/built/task-siblings.iife.js"></script>`
    await open(`${plain}<task-list src="/tasks"></task-list>`, { head: twice })
    const faults = await (async () => watchFaults(page))()
    const id = await run('send_letter')
    await page.goto(site.origin)
    await appears(page, rowSelector(id))
    await says(page, 'send_letter', 'task-list')
    expect(await faults.read()).toEqual([])
  })

  it('of a host that puts itself before fetch see each request, unless the element is given its own', async () => {
    const wrapped = `<script>
      const own = window.fetch; window.seen = []; window.own = own
      window.fetch = (...args) => { seen.push(String(args[0])); return own(...args) }</script>${module}`
    await open(plain, { head: wrapped })
    const id = await run('send_letter')
    await page.goto(site.origin)
    await appears(page, rowSelector(id))
    const seen = () => page.evaluate(() => (window as unknown as { seen: string[] }).seen.length)
    await expect.poll(seen).toBeGreaterThan(2)

    site.serve({
      '/broken': htmlPage(
        '',
        `<script>window.own = window.fetch; window.fetch = () => { throw new Error('broken') }</script>${module}`,
      ),
    })
    await page.goto(`${site.origin}/broken`)
    await page.evaluate(() => {
      const element = document.createElement('task-dashboard')
      Object.assign(element, { src: '/tasks', fetch: (window as unknown as { own: typeof fetch }).own.bind(window) })
      document.body.append(element)
    })
    await appears(page, rowSelector(id))
  })

  it('need nothing that a strict policy forbids', async () => {
    const policy =
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; require-trusted-types-for 'script'; trusted-types lit-html 'allow-duplicates'"
    const head = `${module}<script type="module" src="/built/task-siblings.js"></script>`
    await open(`${plain}<task-status src="/tasks"></task-status><task-list src="/tasks"></task-list>`, {
      head,
      headers: { 'content-security-policy': policy },
    })
    const faults = await watchFaults(page)
    const id = await run('send_letter')
    await page.goto(site.origin)
    await page.$eval('task-status', (element, taskId) => element.setAttribute('task-id', taskId), id)
    await says(page, 'Success', 'task-status')
    await clickOn(page, `${rowSelector(id)} [data-column="function"]`)
    await says(page, id)
    expect(await faults.read()).toEqual([])
  })
})

describe('the page of the server itself', () => {
  it('brings its first rows along: they are there before anything is answered', async () => {
    await open('')
    const id = await run('send_letter')
    const faults = await watchFaults(page)
    await page.setRequestInterception(true)
    const held: (() => Promise<void>)[] = []
    let isHolding = true
    page.on('request', (request) => {
      if (isHolding && request.resourceType() === 'fetch') held.push(() => request.continue())
      else void request.continue()
    })
    await page.goto(`${site.origin}/tasks/dashboard`)
    await appears(page, rowSelector(id))
    await says(page, 'send_letter')
    expect(await page.$('#first-rows')).toBeNull()
    const later = await run('print_label')
    isHolding = false
    await Promise.all(held.map((letGo) => letGo()))
    await appears(page, rowSelector(later))
    expect(await faults.read()).toEqual([])
  })
})

describe('places in a page', () => {
  it('may be inside a shadow root', async () => {
    const script = `class HostPanel extends HTMLElement {
      constructor() { super().attachShadow({ mode: 'open' }).innerHTML = '<style>* { color: red }</style>${plain}' }
    }
    customElements.define('host-panel', HostPanel)`
    await open('<host-panel></host-panel>', {
      head: `${module}<script type="module" src="/host.js"></script>`,
      pages: { '/host.js': script },
    })
    const id = await run('send_letter')
    await page.goto(site.origin)
    await appears(page, `host-panel >>> [data-task-id="${id}"]`)
    const heard = await page.evaluate((taskId) => {
      const ids: unknown[] = []
      document.addEventListener('task-select', (event) =>
        ids.push((event as CustomEvent<{ taskId: string }>).detail.taskId),
      )
      const element = document.querySelector('host-panel')?.shadowRoot?.querySelector('task-dashboard')
      return (element as unknown as { openTask(id: string): Promise<void> })
        .openTask(taskId)
        .then(() => new Promise((resolve) => setTimeout(() => resolve(ids), 100)))
    }, id)
    expect(heard).toEqual([id])
  })

  it('may be inside a form, which no key or button sends', async () => {
    await open(`<form action="/sent">${plain}<input name="own"><button>Send</button></form>`)
    const id = await run('send_letter')
    await page.goto(site.origin)
    await appears(page, rowSelector(id))
    await clickOn(page, byRole('button', 'Pause'))
    await clickOn(page, `${rowSelector(id)} [data-column="function"]`)
    await says(page, id)
    await page.keyboard.press('Escape')
    await page.keyboard.press('/')
    await page.keyboard.type('send')
    await page.keyboard.press('Enter')
    expect(page.url()).toBe(`${site.origin}/`)
    expect(await page.$eval('form', (form) => [...new FormData(form).keys()])).toEqual(['own'])
  })

  it('may be inside a dialog, which Escape closes once nothing of ours is open', async () => {
    await open(`<dialog>${plain}</dialog>`)
    const id = await run('send_letter')
    await page.goto(site.origin)
    await page.$eval('dialog', (dialog) => dialog.showModal())
    await (await appears(page, rowSelector(id))).evaluate((row) => (row as HTMLElement).click())
    await says(page, id)
    expect(await page.$eval('dialog', (dialog) => dialog.open)).toBe(true)
  })
})

describe('a dashboard that is moved', () => {
  it('goes on where it stands then, over one stream', async () => {
    await open(`<div id="a">${plain}</div><div id="b"></div>`)
    const first = await run('send_letter')
    await page.goto(site.origin)
    await appears(page, rowSelector(first))
    for (let move = 0; move < 10; move += 1) {
      await page.evaluate(
        (to) => document.querySelector(to)!.append(document.querySelector('task-dashboard')!),
        move % 2 ? '#a' : '#b',
      )
    }
    const second = await run('charge_card')
    await appears(page, rowSelector(second))
    await expect.poll(site.streams).toBe(1)
  })

  it('and removed lets go of its stream and of all else', async () => {
    await open(plain)
    const id = await run('send_letter')
    await page.goto(site.origin)
    await appears(page, rowSelector(id))
    await expect.poll(site.streams).toBe(1)
    await page.evaluate(() => document.querySelector('task-dashboard')!.remove())
    await expect.poll(site.streams).toBe(0)
    const reader = new AbortController()
    const stream = await fetch(`${site.origin}/tasks/stream`, { signal: reader.signal })
    const asked = site.asked.length
    await run('charge_card')
    await page.keyboard.press('/')
    // Counts are told a second after the change: who still listened would have asked by then.
    await readUntil(stream, 'event: counts')
    reader.abort()
    // A part whose loading has begun is loaded to its end.
    expect(site.asked.slice(asked).filter((path) => !path.includes('/assets/parts/'))).toEqual([])
  })

  it('or hidden by its tab has no stream while nobody looks', async () => {
    await open(`${plain}<task-list src="/tasks"></task-list>`, {
      head: `${module}<script type="module" src="/built/task-siblings.js"></script>`,
    })
    await run('send_letter')
    await page.goto(site.origin)
    await expect.poll(site.streams).toBe(2)
    await setHidden(true)
    await expect.poll(site.streams).toBe(0)
    const missed = await run('charge_card')
    await setHidden(false)
    await appears(page, rowSelector(missed))
    await says(page, 'charge_card', 'task-list')
    expect(site.streams()).toBe(2)
  })
})

/** Headless browsers never hide a tab: the page is told that it is. */
async function setHidden(isHidden: boolean): Promise<void> {
  await page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  }, isHidden)
}

async function readUntil({ body }: Response, wanted: string): Promise<void> {
  let text = ''
  for await (const chunk of body!.pipeThrough(new TextDecoderStream())) {
    text += chunk
    if (text.includes(wanted)) return
  }
  throw new Error(`The stream ended before ${wanted}`)
}
