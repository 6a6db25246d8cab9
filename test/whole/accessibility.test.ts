import { join } from 'node:path'
import type { SerializedAXNode } from 'puppeteer-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { launchBrowser, type TestBrowser } from './browser.ts'
import { startHost, withFolder } from './host.ts'
import { appears, clickOn, rowSelector } from './screen.ts'

let browser: TestBrowser
beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

const named = ['button', 'link', 'textbox', 'searchbox', 'combobox', 'checkbox', 'radio', 'tab', 'tablist', 'dialog']
const structure = ['grid', 'tree', 'listbox', 'tabpanel', 'article', 'progressbar', 'treeitem', 'splitter']

describe('what a screen reader is given', () => {
  it('names every control of the rows and of an open task, and tells the rows as a table', { timeout: 60_000 }, () =>
    withFolder(async (folder) => {
      const host = await startHost(join(folder, 'tasks.db'))
      const page = await browser.newPage()
      try {
        await page.goto(`${host.origin}/admin`)
        const taskId = await host.enqueueOrder(88121)
        await host.tasks.idle()
        await appears(page, rowSelector(taskId))
        await clickOn(page, rowSelector(taskId))
        for (const tab of ['attempts', 'logs', 'error', 'details']) {
          await clickOn(page, `task-dashboard >>> task-detail-panel >>> [data-tab="${tab}"]`)
          await appears(page, `task-dashboard >>> [aria-labelledby="tab-${tab}"]`)
          const nodes = flatten((await page.accessibility.snapshot({ interestingOnly: false })) as SerializedAXNode)
          const nameless = nodes.filter(({ role, name }) => [...named, ...structure].includes(role) && !name?.trim())
          expect(nameless.map(({ role, description }) => `${role} ${description ?? ''}`)).toEqual([])
          expect(nodes.filter(({ role }) => role === 'columnheader').length).toBeGreaterThan(6)
          expect(nodes.filter(({ role }) => role === 'gridcell').length).toBeGreaterThan(6)
        }
      } finally {
        await page.close()
        await host.stop()
      }
    }),
  )
})

function flatten(node: SerializedAXNode): readonly SerializedAXNode[] {
  return [node, ...(node.children ?? []).flatMap(flatten)]
}
