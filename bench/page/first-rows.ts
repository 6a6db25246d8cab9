import { launchBrowser, type TestBrowser } from '../../test/whole/browser.ts'
import { median } from '../figures.ts'

/** A page and how to know that its first row is there: a JavaScript expression that is true then. */
export interface FirstRowsPage {
  readonly name: string
  readonly url: string
  readonly isThere: string
}

/** The first row of a `<task-dashboard>`. */
export const ourFirstRow = `!!document.querySelector('task-dashboard')?.shadowRoot?.querySelector('task-table')?.shadowRoot
  ?.querySelector('tr[data-task-id]')`

/** What a page took to show its first row, medians. */
export interface FirstRow {
  readonly ms: number
  /** What the server sent until shortly after it, heads and all. */
  readonly bytes: number
}

/** Requests that are on their way when the first row is drawn belong to it, too. */
const settleMs = 500

/**
 * From the beginning of the navigation to the frame in which the first row is drawn, milliseconds, median of `rounds`. The pages
 * take turns; each is loaded into a browser context of its own, so that nothing is in a cache.
 */
export async function measureFirstRows(
  pages: readonly FirstRowsPage[],
  rounds: number,
): Promise<ReadonlyMap<string, FirstRow>> {
  const browser = await launchBrowser()
  const seen = new Map(pages.map(({ name }) => [name, [] as FirstRow[]]))
  try {
    // The first round warms up servers and disks and is not counted.
    for (let round = -1; round < rounds; round += 1) {
      for (const page of pages) {
        const found = await firstRow(browser, page)
        if (round >= 0) seen.get(page.name)?.push(found)
      }
    }
  } finally {
    await browser.close()
  }
  const middle = (all: readonly FirstRow[]): FirstRow => ({
    ms: median(all.map(({ ms }) => ms)),
    bytes: median(all.map(({ bytes }) => bytes)),
  })
  return new Map([...seen].map(([name, all]) => [name, middle(all)]))
}

async function firstRow({ browser }: TestBrowser, { url, isThere }: FirstRowsPage): Promise<FirstRow> {
  const context = await browser.createBrowserContext()
  try {
    const page = await context.newPage()
    await page.setViewport({ width: 1440, height: 900 })
    await page.evaluateOnNewDocument(`{
      const look = () => {
        if (${isThere}) window.firstRowAt = performance.now()
        else requestAnimationFrame(look)
      }
      requestAnimationFrame(look)
    }`)
    const network = await page.createCDPSession()
    let bytes = 0
    network.on('Network.loadingFinished', ({ encodedDataLength }) => (bytes += encodedDataLength))
    await network.send('Network.enable')
    await page.goto(url)
    await page.waitForFunction('window.firstRowAt', { timeout: 60_000, polling: 50 })
    const ms = (await page.evaluate('window.firstRowAt')) as number
    await new Promise((resolve) => setTimeout(resolve, settleMs))
    return { ms, bytes }
  } finally {
    await context.close()
  }
}
