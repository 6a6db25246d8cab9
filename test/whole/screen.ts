import type { ElementHandle, Page } from 'puppeteer-core'
import { expect } from 'vitest'

/** What a person sees of the dashboard, found the way a screen reader finds it: through every shadow root, by role and name. */
export function rowSelector(taskId: string): string {
  return `task-dashboard >>> [data-task-id="${taskId}"]`
}

export function byRole(role: string, name: string): string {
  return `::-p-aria([role="${role}"][name="${name}"])`
}

/**
 * Waits until something is there and gives it. Puppeteer's own waiting watches the document for mutations and so does not
 * hear of those inside shadow roots.
 */
export async function appears(page: Page, selector: string, timeout = 30_000): Promise<ElementHandle<Element>> {
  let found: ElementHandle<Element> | null = null
  await expect
    .poll(async () => (found = await page.$(selector)) !== null, { timeout, message: `waiting for ${selector}` })
    .toBe(true)
  return found!
}

/** Clicks what appears; the page may draw it anew just before, so then what stands in its place. */
export async function clickOn(page: Page, selector: string): Promise<void> {
  const click = async (): Promise<string | null> => {
    try {
      await (await appears(page, selector)).click()
      return null
    } catch (error) {
      return String(error)
    }
  }
  await expect.poll(click, { timeout: 10_000, message: `clicking on ${selector}` }).toBeNull()
}

/** Clicks on a row until its panel is there: what comes above the rows may move them as the pointer goes down. */
export async function openRow(page: Page, taskId: string): Promise<void> {
  const open = async (): Promise<boolean> => {
    await clickOn(page, rowSelector(taskId))
    return (await page.$(`task-dashboard >>> tr.open[data-task-id="${taskId}"]`)) !== null
  }
  await expect.poll(open, { timeout: 20_000, interval: 500, message: `opening ${taskId}` }).toBe(true)
}

export async function openTab(page: Page, word: string): Promise<void> {
  const tab = await expect
    .poll(() => findTab(page, word), { timeout: 10_000, message: `waiting for the tab ${word}` })
    .not.toBeNull()
    .then(() => findTab(page, word))
  await tab!.click()
}

async function findTab(page: Page, word: string): Promise<ElementHandle<Element> | null> {
  for (const tab of await page.$$('task-dashboard >>> [role="tab"]')) {
    const text = await tab.evaluate((element) => element.textContent ?? '')
    if (text.trim().startsWith(word)) return tab
  }
  return null
}

/** Ids of the rows of the task table, from top to bottom. */
export function shownIds(page: Page): Promise<string[]> {
  return page.$$eval('task-dashboard >>> tr[data-task-id]', (rows) =>
    rows.map((row) => row.getAttribute('data-task-id') ?? ''),
  )
}

/** All text of the dashboard, shadow roots included. */
export function shownText(page: Page): Promise<string> {
  return page.evaluate(() => {
    const read = (node: Node): string => {
      if (node instanceof HTMLStyleElement) return ''
      const shadow = node instanceof Element && node.shadowRoot ? [...node.shadowRoot.childNodes] : []
      const children = [...shadow, ...node.childNodes]
      const own = node.nodeType === Node.TEXT_NODE ? (node.textContent ?? '') : ''
      return own + children.map(read).join(' ')
    }
    const element = document.querySelector('task-dashboard')
    return element ? read(element).replace(/\s+/g, ' ') : ''
  })
}

/** Records everything the page's policy refused and every error, from the first moment on. */
export async function watchFaults(page: Page): Promise<{ read(): Promise<string[]> }> {
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(`pageerror: ${String(error)}`))
  await page.evaluateOnNewDocument(() => {
    const seen: string[] = []
    Object.assign(window, { seenViolations: seen })
    document.addEventListener('securitypolicyviolation', (event) => {
      seen.push(`${event.violatedDirective} ${event.blockedURI} ${event.sample}`)
    })
  })
  return {
    async read() {
      const violations = await page.evaluate(() => (window as unknown as { seenViolations: string[] }).seenViolations)
      return [...faults, ...violations]
    },
  }
}
