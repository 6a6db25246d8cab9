import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser, type TestBrowser } from './browser.ts'
import { startHost, withFolder } from './host.ts'
import { startProxy } from './proxy.ts'
import { appears, byRole, rowSelector, shownIds, shownText } from './screen.ts'

let browser: TestBrowser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const cutMs = 10_000

async function listedIds(origin: string): Promise<string[]> {
  const body = (await (await fetch(`${origin}/tasks`)).json()) as { tasks: { task_id: string }[] }
  return body.tasks.map((task) => task.task_id)
}

describe('a page that watches', () => {
  it('shows what the server has after a restart of the server', { timeout: 90_000 }, () =>
    withFolder(async (folder) => {
      const file = join(folder, 'tasks.db')
      const first = await startHost(file)
      const page = await browser.newPage()
      await page.goto(`${first.origin}/admin`)
      const before = await first.enqueueOrder(1)
      await appears(page, rowSelector(before))
      await first.stop()
      await expect.poll(() => shownText(page), { timeout: 20_000 }).toMatch(/Reconnecting|Offline|Polling/)

      const second = await startHost(file, first.port)
      try {
        second.bank.isOpen = true
        const after = [await second.enqueueOrder(2), await second.enqueueOrder(3)]
        await appears(page, rowSelector(after[1]!), 40_000)
        await appears(page, byRole('button', 'Pause'))
        await expect.poll(() => shownIds(page), { timeout: 20_000 }).toEqual(await listedIds(second.origin))
      } finally {
        await page.close()
        await second.stop()
      }
    }),
  )

  it('shows what the server has after the network was cut for ten seconds', { timeout: 120_000 }, () =>
    withFolder(async (folder) => {
      const host = await startHost(join(folder, 'tasks.db'))
      const proxy = await startProxy(host.port)
      const page = await browser.newPage()
      try {
        host.bank.isOpen = true
        await page.goto(`${proxy.origin}/admin`)
        const seen = await host.enqueueOrder(1)
        await appears(page, rowSelector(seen))

        const cutAt = Date.now()
        proxy.cut()
        const missed = await Promise.all([2, 3, 4, 5].map((order) => host.enqueueOrder(order)))
        await host.tasks.idle()
        await expect.poll(() => Date.now() - cutAt, { timeout: cutMs + 5_000 }).toBeGreaterThanOrEqual(cutMs)
        expect(await shownIds(page)).toEqual([seen])
        proxy.mend()

        await appears(page, rowSelector(missed[0]!), 40_000)
        await expect.poll(() => shownIds(page), { timeout: 20_000 }).toEqual(await listedIds(host.origin))
        await expect.poll(() => shownText(page), { timeout: 20_000 }).toContain('Live')
      } finally {
        await page.close()
        await proxy.close()
        await host.stop()
      }
    }),
  )
})
