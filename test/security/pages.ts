import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from 'puppeteer-core'
import { taskLog } from '@taskloom/engine'
import { expect } from 'vitest'
import { launchBrowser } from '../whole/browser.ts'
import { appears, clickOn, openTab, rowSelector, shownText, watchFaults } from '../whole/screen.ts'
import { people, tasksPath, type House } from './house.ts'

/** Signs in as people do, and gives a page that shows the dashboard. */
async function onDashboard<T>(
  house: House,
  show: (page: Page, faults: () => Promise<readonly unknown[]>) => Promise<T>,
): Promise<T> {
  const browser = await launchBrowser()
  try {
    const page = await browser.newPage()
    const faults = await watchFaults(page)
    await page.goto(`${house.origins[0]}${tasksPath}/dashboard`)
    await page.type('input[name=username]', people.alice.username)
    await page.type('input[name=password]', people.alice.password)
    await Promise.all([page.waitForNavigation(), page.click('form button')])
    return await show(page, () => faults.read())
  } finally {
    await browser.close()
  }
}

/** What a browser complained of while somebody signed in and looked around. */
export function pageUnderPolicy(house: House): Promise<readonly unknown[]> {
  return onDashboard(house, async (page, faults) => {
    await appears(page, rowSelector(await house.failed()))
    return faults()
  })
}

const corpus = [
  '<img src=x onerror="window.__xss=1">',
  '"><svg/onload=window.__xss=1>',
  '{{913*917}}',
  '${913*917}',
  '\u202Egnp.exe',
  '<script>window.__xss=1</script>',
]

/** Shows the corpus in every place that a task has for text. */
export async function shownLiterally(house: House): Promise<void> {
  const text = corpus.join(' ')
  const name = `attack ${corpus[0]} ${corpus[1]}`
  house.tasks.define(name, () => {
    taskLog(text)
    throw new Error(text)
  })
  const { id } = await house.tasks.enqueue(name, [text], {
    tags: { '<b>key</b>': corpus[5] ?? '' },
    user: corpus[5] ?? '',
  })
  await house.tasks.wait(id)
  await onDashboard(house, async (page, faults) => {
    await appears(page, rowSelector(id))
    await clickOn(page, rowSelector(id))
    for (const tab of ['Details', 'Attempts', 'Logs', 'Error']) {
      await openTab(page, tab)
      await expect.poll(() => shownText(page), { timeout: 10_000 }).toContain('<img src=x onerror=')
    }
    const shown = await shownText(page)
    expect(shown).toContain('{{913*917}}')
    // Nothing has reckoned it out.
    expect(shown).not.toContain(String(913 * 917))
    expect(await page.evaluate(() => '__xss' in window)).toBe(false)
    expect(await faults()).toEqual([])
  })
}

/** Whether a page of another origin could show the dashboard in a frame. */
export async function framedByAnother(house: House): Promise<boolean> {
  const frame = `<!doctype html><iframe src="${house.origins[0]}${tasksPath}/auth/login"></iframe>`
  const other = createServer((_, res) => res.setHeader('content-type', 'text/html').end(frame))
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
  const browser = await launchBrowser()
  try {
    const page = await browser.newPage()
    await page.goto(`http://localhost:${(other.address() as AddressInfo).port}`.replace('localhost', '127.0.0.1'), {
      waitUntil: 'load',
    })
    const inner = page.frames()[1]
    const text = await inner?.evaluate(() => document.querySelector('input[name=password]') !== null).catch(() => false)
    return text === true
  } finally {
    await browser.close()
    other.closeAllConnections()
    await new Promise<void>((resolve) => void other.close(() => resolve()))
  }
}

/** What the browser keeps, and every address it asked, after somebody signed in and looked around. */
export function browserStorage(
  house: House,
): Promise<{ storage: string; addresses: readonly string[]; cookies: string }> {
  return onDashboard(house, async (page) => {
    const addresses: string[] = []
    page.on('request', (request) => addresses.push(request.url()))
    await page.reload()
    const id = await house.failed()
    await appears(page, rowSelector(id))
    await clickOn(page, rowSelector(id))
    await openTab(page, 'Error')
    const kept = await page.evaluate(() => ({
      storage: JSON.stringify([{ ...localStorage }, { ...sessionStorage }]),
      cookies: document.cookie,
    }))
    return { ...kept, addresses: [...addresses, page.url()] }
  })
}
