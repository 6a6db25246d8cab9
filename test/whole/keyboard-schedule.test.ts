import { join } from 'node:path'
import type { Page } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser, type TestBrowser } from './browser.ts'
import { startHost, withFolder, type Host } from './host.ts'
import { appears, byRole, shownText } from './screen.ts'

let browser: TestBrowser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

async function statusOf(host: Host, name: string): Promise<string | undefined> {
  const schedules = (await (await fetch(`${host.origin}/tasks/schedules`)).json()) as {
    func_name: string
    status: string
  }[]
  return schedules.find(({ func_name }) => func_name === name)?.status
}

/** The name of what has the focus, through every shadow root. */
function focusedName(page: Page): Promise<string> {
  return page.evaluate(() => {
    let active = document.activeElement
    while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
    return (active?.getAttribute('aria-label') ?? active?.textContent ?? '').replace(/\s+/g, ' ').trim()
  })
}

/** Presses a key until what it leads to is called so. */
async function pressTo(page: Page, key: 'Tab' | 'ArrowRight', name: RegExp): Promise<void> {
  const seen: string[] = []
  for (let presses = 0; presses < 120; presses += 1) {
    await page.keyboard.press(key)
    const focused = await focusedName(page)
    if (name.test(focused)) return
    seen.push(focused)
  }
  throw new Error(`${key} does not lead to ${String(name)}: ${seen.join(' | ')}`)
}

describe('with the keyboard alone', () => {
  it('a schedule is found, paused with a reason, and resumed', { timeout: 60_000 }, () =>
    withFolder(async (folder) => {
      const host = await startHost(join(folder, 'tasks.db'))
      host.tasks.schedule('nightly_report', { cron: '0 3 * * *', timezone: 'Europe/Berlin' }, () => undefined)
      const page = await browser.newPage()
      try {
        await page.goto(`${host.origin}/admin`)
        await appears(page, byRole('button', 'Pause'))
        await pressTo(page, 'Tab', /^View ?[\d,]*$/)
        await pressTo(page, 'ArrowRight', /^Schedules/)
        await page.keyboard.press('Enter')
        await appears(page, byRole('button', 'Pause: nightly_report'))
        expect(await shownText(page)).toContain('At 03:00')

        await pressTo(page, 'Tab', /^Pause: nightly_report/)
        await page.keyboard.press('Enter')
        await expect.poll(() => focusedName(page), { timeout: 10_000 }).toBe('Not now')
        await page.keyboard.down('Shift')
        await page.keyboard.press('Tab')
        await page.keyboard.up('Shift')
        await page.keyboard.type('the month is closed')
        await page.keyboard.press('Enter')
        await expect.poll(() => statusOf(host, 'nightly_report'), { timeout: 10_000 }).toBe('paused')

        await appears(page, byRole('button', 'Resume: nightly_report'))
        await pressTo(page, 'Tab', /^Resume: nightly_report/)
        await page.keyboard.press('Enter')
        await expect.poll(() => statusOf(host, 'nightly_report'), { timeout: 10_000 }).toBe('active')
      } finally {
        await page.close()
        await host.stop()
      }
    }),
  )
})
