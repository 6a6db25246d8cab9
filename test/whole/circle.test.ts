import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser, type TestBrowser } from './browser.ts'
import { startHost, withFolder, type Host } from './host.ts'
import { appears, byRole, clickOn, openRow, openTab, rowSelector, shownIds, shownText, watchFaults } from './screen.ts'

let browser: TestBrowser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

async function list(host: Host): Promise<{ task_id: string; status: string; retried_from: string | null }[]> {
  const response = await fetch(`${host.origin}/tasks`)
  return ((await response.json()) as { tasks: { task_id: string; status: string; retried_from: string | null }[] })
    .tasks
}

describe('the circle', () => {
  it('goes from enqueue to the screen, is retried there and runs again', { timeout: 60_000 }, () =>
    withFolder(async (folder) => {
      const host = await startHost(join(folder, 'tasks.db'))
      const page = await browser.newPage()
      try {
        const faults = await watchFaults(page)
        await page.goto(`${host.origin}/admin`)
        await appears(page, byRole('button', 'Pause'))

        const failedId = await host.enqueueOrder(88121)
        await appears(page, rowSelector(failedId))
        await expect.poll(() => shownText(page), { timeout: 10_000 }).toContain('insufficient funds for order 88121')

        await openTab(page, 'Dead letters')
        await openRow(page, failedId)
        await openTab(page, 'Attempts')
        await expect.poll(() => shownText(page), { timeout: 10_000 }).toContain('Attempt 3 of 3')
        expect(await shownText(page)).toContain('host.ts')

        host.bank.isOpen = true
        await clickOn(page, byRole('button', 'Retry'))
        await expect
          .poll(async () => (await list(host)).find((task) => task.retried_from === failedId)?.status, {
            timeout: 10_000,
          })
          .toBe('success')
        const retried = (await list(host)).find((task) => task.retried_from === failedId)!
        await openTab(page, 'Details')
        await expect.poll(() => shownText(page), { timeout: 10_000 }).toContain(retried.task_id.slice(-8))

        await openTab(page, 'View')
        await appears(page, rowSelector(retried.task_id))
        expect(await shownIds(page)).toEqual((await list(host)).map((task) => task.task_id))
        expect(await faults.read()).toEqual([])
      } finally {
        await page.close()
        await host.stop()
      }
    }),
  )
})
