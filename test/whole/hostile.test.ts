import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { taskLog } from '@taskloom/engine'
import { launchBrowser, type TestBrowser } from './browser.ts'
import { startHost, withFolder } from './host.ts'
import { appears, clickOn, openTab, rowSelector, shownText, watchFaults } from './screen.ts'

let browser: TestBrowser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const markup = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>'
const rightToLeft = '\u202Egnp.exe'

describe('hostile text', () => {
  it('is shown as text, everywhere', { timeout: 60_000 }, () =>
    withFolder(async (folder) => {
      const host = await startHost(join(folder, 'tasks.db'))
      const page = await browser.newPage()
      try {
        const attack = host.tasks.define(`attack ${markup}`, (text: string) => {
          taskLog(`${markup} ${rightToLeft}`)
          throw new Error(`${markup} ${text.slice(0, 20)}\0`)
        })
        const { id } = await attack
          .with({ tags: { [markup]: rightToLeft, ['constructor']: markup } })
          .enqueue(`${markup}${'x'.repeat(500_000)}`)
        await host.tasks.wait(id)

        const faults = await watchFaults(page)
        await page.goto(`${host.origin}/admin`)
        await appears(page, rowSelector(id))
        await clickOn(page, rowSelector(id))
        for (const tab of ['Details', 'Attempts', 'Logs', 'Error']) {
          await openTab(page, tab)
          await expect.poll(() => shownText(page), { timeout: 10_000 }).toContain('<img src=x onerror=')
        }
        expect(await page.evaluate(() => 'owned' in window)).toBe(false)
        expect(await faults.read()).toEqual([])
      } finally {
        await page.close()
        await host.stop()
      }
    }),
  )
})
