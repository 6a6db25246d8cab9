import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchBrowser, type TestBrowser } from './browser.ts'
import { startHost, withFolder } from './host.ts'
import { listed, press } from './keys.ts'
import { appears, byRole, rowSelector, shownText } from './screen.ts'

let browser: TestBrowser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

it('finds a failed task, reads why, retries it and watches it succeed, by keys alone', { timeout: 90_000 }, () =>
  withFolder(async (folder) => {
    const host = await startHost(join(folder, 'tasks.db'))
    const page = await browser.newPage()
    try {
      const failedId = await host.enqueueOrder(88121)
      await expect.poll(() => listed(host, 'status=failed'), { timeout: 10_000 }).toHaveLength(1)
      await page.goto(`${host.origin}/admin`)
      await appears(page, byRole('button', 'Pause'))

      await press(page, 'g', 'd')
      await appears(page, 'task-dashboard >>> .bar select')
      await appears(page, rowSelector(failedId))
      await press(page, 'j', 'Enter')
      await expect.poll(() => shownText(page), { timeout: 15_000 }).toContain('insufficient funds for order 88121')

      host.bank.isOpen = true
      await press(page, 'Escape')
      await press(page, 'j', 'r')
      const retried = async () => (await listed(host)).find((task) => task.retried_from === failedId)
      await expect.poll(async () => (await retried())?.status, { timeout: 15_000 }).toBe('success')

      await press(page, 'g', 'v')
      await appears(page, `${rowSelector((await retried())!.task_id)} >>> task-status-badge[status="success"]`)
    } finally {
      await page.close()
      await host.stop()
    }
  }),
)
