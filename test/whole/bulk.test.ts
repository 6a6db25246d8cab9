import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { launchBrowser, type TestBrowser } from './browser.ts'
import { startHost, withFolder } from './host.ts'
import { appears, byRole, clickOn, openTab, shownText } from './screen.ts'

const many = 1_000
const gone = 40

let browser: TestBrowser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

it('says honestly what came of a thousand tasks of which some could not be cancelled', { timeout: 120_000 }, () =>
  withFolder(async (folder) => {
    const host = await startHost(join(folder, 'tasks.db'))
    const page = await browser.newPage()
    try {
      const ids = await enqueueLater((to) => host.tasks.enqueue('send_receipt', [to], { delay: '1h' }))
      await page.goto(`${host.origin}/admin`)
      await appears(page, byRole('button', 'Pause'))
      await clickOn(page, 'task-dashboard >>> thead input[type="checkbox"]')
      await clickOn(page, byRole('button', `Select all ${many.toLocaleString('en')} matching`))
      await expect.poll(() => shownText(page)).toContain('All 1,000 matching tasks selected')
      await clickOn(page, 'task-dashboard >>> [data-verb="cancel"]')
      await expect.poll(() => shownText(page), { timeout: 15_000 }).toContain('Cancel 1,000 tasks?')
      await clickOn(page, 'task-dashboard >>> dialog[open] button[type="submit"]')
      await appears(page, 'task-dashboard >>> [data-undo]')
      // While it can still be undone, others are quicker with some of them.
      for (const id of ids.slice(0, gone)) await host.tasks.source.runNow(id, { actor: 'somebody else', reason: null })

      await expect.poll(() => shownText(page), { timeout: 60_000 }).toContain('960 tasks cancelled, 40 skipped')
      await openTab(page, 'Operations')
      await clickOn(page, 'task-dashboard >>> [data-operation] button')
      await expect.poll(() => shownText(page), { timeout: 15_000 }).toContain('in a status that does not allow it')
    } finally {
      await page.close()
      await host.stop()
    }
  }),
)

async function enqueueLater(enqueue: (to: string) => Promise<{ readonly id: string }>): Promise<readonly string[]> {
  const ids: string[] = []
  for (let number = 0; number < many; number += 1) ids.push((await enqueue(`ann${number}@example.com`)).id)
  return ids
}
