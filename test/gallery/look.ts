import type { ElementHandle, Page } from 'puppeteer-core'

const patienceMs = 15_000

/** Waits, frame by frame, until something is there, through every shadow root. */
export async function appears(page: Page, selector: string): Promise<ElementHandle<Element>> {
  const deadline = performance.now() + patienceMs
  for (;;) {
    const found = await page.$(selector)
    if (found) return found
    if (performance.now() > deadline) throw new Error(`There is no ${selector}`)
    await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(resolve)))
  }
}

/** Clicks on what appears; once more when it was drawn anew meanwhile. */
export async function clickOn(page: Page, selector: string): Promise<void> {
  try {
    await (await appears(page, selector)).click()
  } catch {
    await (await appears(page, selector)).click()
  }
}
