import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchBrowser, type TestBrowser } from './browser.ts'
import { startHost, withFolder } from './host.ts'
import { focusedName, listed, press, tabTo } from './keys.ts'
import { appears, byRole, shownText } from './screen.ts'

let browser: TestBrowser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

it('replays a window by keys alone, after it was told how many, and doubles nothing', { timeout: 90_000 }, () =>
  withFolder(async (folder) => {
    const host = await startHost(join(folder, 'tasks.db'))
    const page = await browser.newPage()
    const replay = async () => {
      await tabTo(page, 'Replay window…')
      await press(page, 'Enter')
      await expect.poll(() => shownText(page), { timeout: 15_000 }).toContain('Retry 3 tasks?')
      expect(await focusedName(page)).toBe('Not now')
      await tabTo(page, 'Retry')
      await press(page, 'Enter')
    }
    try {
      for (const order of [1, 2, 3]) await host.enqueueOrder(order)
      await expect.poll(() => listed(host, 'status=failed'), { timeout: 10_000 }).toHaveLength(3)
      host.bank.isOpen = true
      await page.goto(`${host.origin}/admin`)
      await appears(page, byRole('button', 'Pause'))
      await press(page, 'g', 'd')
      await appears(page, 'task-dashboard >>> .bar select')

      await replay()
      await expect.poll(() => shownText(page), { timeout: 20_000 }).toContain('3 tasks retried')
      await expect.poll(() => listed(host, 'status=success'), { timeout: 15_000 }).toHaveLength(3)

      await replay()
      await expect.poll(() => shownText(page), { timeout: 20_000 }).toContain('0 tasks retried, 3 skipped')
      expect(await listed(host, 'status=success')).toHaveLength(3)
    } finally {
      await page.close()
      await host.stop()
    }
  }),
)
