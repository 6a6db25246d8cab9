import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'puppeteer-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { launchBrowser, type TestBrowser } from './browser.ts'
import { startHost, type Host } from './host.ts'
import { press } from './keys.ts'
import { appears, byRole, clickOn, openRow, rowSelector } from './screen.ts'

let browser: TestBrowser
let host: Host
let page: Page
let folder: string

beforeAll(async () => {
  browser = await launchBrowser()
})
afterAll(() => browser.close())

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taskloom-comfort-'))
  host = await startHost(join(folder, 'tasks.db'))
  page = await browser.newPage()
})
afterEach(async () => {
  await page.close()
  await host.stop()
  await rm(folder, { recursive: true, force: true, maxRetries: 5 })
})

/** What is said of itself: the regions that the page has a screen reader watch. */
const liveRegions = '[role="status"], [role="alert"], [role="log"], [aria-live]'

describe('what is read out', () => {
  it('is polite and seldom, however much changes', { timeout: 60_000 }, async () => {
    await page.goto(`${host.origin}/admin`)
    const first = await host.enqueueOrder(1)
    await host.tasks.idle()
    await appears(page, rowSelector(first))
    await page.keyboard.press('g')
    await page.keyboard.press('d')
    await appears(page, 'task-dashboard >>> task-dead-letters')
    await watchSaid(page)
    // Every one fails three times: hundreds of changes of rows and counts while somebody listens.
    for (let order = 2; order < 60; order += 1) await host.enqueueOrder(order)
    await host.tasks.idle()
    await expect.poll(() => countOf(page), { timeout: 20_000 }).toBeGreaterThanOrEqual(50)
    await expect.poll(async () => (await readSaid(page)).texts.join(), { timeout: 20_000 }).toContain('dead letters')
    const said = await readSaid(page)
    expect(said.rude).toEqual([])
    const most = Math.max(
      ...said.moments.map((at) => said.moments.filter((each) => each >= at && each < at + 3_000).length),
      0,
    )
    expect(most, said.texts.join(' | ')).toBeLessThanOrEqual(3)
  })
})

describe('forced colours', () => {
  it('keep outlines, bars, and what is chosen apart from what is not', { timeout: 60_000 }, async () => {
    await emulate(page, 'forced-colors', 'active')
    const failed = await host.enqueueOrder(1)
    await host.tasks.idle()
    await host.enqueueOrder(2)
    await host.tasks.idle()
    await page.goto(`${host.origin}/admin`)
    await openRow(page, failed)
    await appears(page, 'task-dashboard >>> task-detail-panel')
    const canvas = await systemColour(page, 'Canvas')
    expect(await colour(page, 'task-chart >>> .fail', 'fill')).not.toBe(canvas)
    expect(await colour(page, 'task-stat-strip >>> .cell[aria-pressed="true"]', 'background-color', '::after')).toBe(
      await systemColour(page, 'Highlight'),
    )
    expect(await colour(page, 'tr.open td', 'border-block-end-color')).toBe(await systemColour(page, 'Highlight'))
    expect(await colour(page, '[role="tab"][aria-selected="true"]', 'background-color', '::after')).toBe(
      await systemColour(page, 'Highlight'),
    )
    await page.keyboard.press('/')
    const outline = await page.evaluate(() => {
      let active = document.activeElement
      while (active?.shadowRoot?.activeElement) active = active.shadowRoot.activeElement
      for (let each = active; each; each = each.parentElement) {
        const { outlineStyle, outlineColor } = getComputedStyle(each)
        if (outlineStyle !== 'none') return outlineColor
      }
      return null
    })
    expect(outline).not.toBeNull()
    expect(outline).not.toBe(canvas)
  })
})

describe('reduced motion', () => {
  it('moves and flashes nothing, when rows change or a panel comes', { timeout: 60_000 }, async () => {
    await emulate(page, 'prefers-reduced-motion', 'reduce')
    await page.goto(`${host.origin}/admin`)
    await watchMotion(page)
    const failed = await host.enqueueOrder(1)
    await host.tasks.idle()
    await appears(page, rowSelector(failed))
    await openRow(page, failed)
    await appears(page, 'task-dashboard >>> task-detail-panel')
    await page.keyboard.press('?')
    await appears(page, 'task-dashboard >>> dialog[open]')
    expect(await page.evaluate(() => (window as unknown as { moved: string[] }).moved)).toEqual([])
  })

  it('is asked of the page: without it the panel arrives', { timeout: 60_000 }, async () => {
    await emulate(page, 'prefers-reduced-motion', 'no-preference')
    await page.goto(`${host.origin}/admin`)
    await watchMotion(page)
    const failed = await host.enqueueOrder(1)
    await host.tasks.idle()
    await openRow(page, failed)
    await expect
      .poll(() => page.evaluate(() => (window as unknown as { moved: string[] }).moved.length), { timeout: 10_000 })
      .toBeGreaterThan(0)
  })
})

describe('a page that is enlarged', () => {
  // 1280 px at 200 %, and at 400 %.
  for (const [width, scale] of [
    [640, 2],
    [320, 4],
  ] as const) {
    it(`fits at ${scale * 100} %, ${width} px wide`, { timeout: 60_000 }, async () => {
      await page.setViewport({ width, height: 512, deviceScaleFactor: scale })
      const failed = await host.enqueueOrder(1)
      await host.tasks.idle()
      await page.goto(`${host.origin}/admin`)
      await appears(page, rowSelector(failed))
      expect(await cutOff(page)).toEqual([])
      await page.keyboard.press('?')
      await appears(page, 'task-dashboard >>> dialog[open]')
      expect(await cutOff(page)).toEqual([])
      await press(page, 'Escape')
      await focusRow(page)
      await press(page, 'x')
      await clickOn(page, 'task-dashboard >>> [data-verb="retry"]')
      await appears(page, 'task-dashboard >>> dialog[open] .sample')
      expect(await cutOff(page)).toEqual([])
      await press(page, 'Escape')
      await clickOn(page, byRole('button', 'Clear selection'))
      // By keys: where the panel has come, there are no rows to click on.
      await focusRow(page)
      await press(page, 'Enter')
      await appears(page, 'task-dashboard >>> task-detail-panel')
      expect(await cutOff(page)).toEqual([])
      await clickOn(page, 'task-dashboard >>> [data-tab="error"]')
      await appears(page, 'task-dashboard >>> [aria-labelledby="tab-error"]')
      expect(await cutOff(page)).toEqual([])
    })
  }
})

/** Presses the key until it is taken: a dialog that closes has the focus for a moment more. */
async function focusRow(of: Page): Promise<void> {
  const move = async (): Promise<boolean> => {
    await press(of, 'j')
    return (await of.$('task-dashboard >>> tr:focus')) !== null
  }
  await expect.poll(move, { timeout: 10_000, interval: 200, message: 'a row with the focus' }).toBe(true)
}

async function emulate(of: Page, name: string, value: string): Promise<void> {
  const session = await of.createCDPSession()
  await session.send('Emulation.setEmulatedMedia', { features: [{ name, value }] })
}

/** How a system colour is written by the browser. */
function systemColour(of: Page, name: string): Promise<string> {
  return of.evaluate((wanted) => {
    const probe = document.body.appendChild(document.createElement('i'))
    probe.style.color = wanted
    const written = getComputedStyle(probe).color
    probe.remove()
    return written
  }, name)
}

async function colour(of: Page, selector: string, property: string, pseudo?: string): Promise<string> {
  const element = await appears(of, `task-dashboard >>> ${selector}`)
  return element.evaluate(
    (each, [name, part]) => getComputedStyle(each, part).getPropertyValue(name ?? ''),
    [property, pseudo],
  )
}

/** Of the badge of dead letters. */
function countOf(of: Page): Promise<number> {
  return of.evaluate(() => {
    const all = (root: ParentNode): Element[] =>
      [...root.querySelectorAll('*')].flatMap((each) => [each, ...(each.shadowRoot ? all(each.shadowRoot) : [])])
    const badge = all(document).find((each) => each.matches('[role="tab"] .count.bad'))
    return Number(badge?.textContent ?? 0)
  })
}

interface Said {
  readonly texts: readonly string[]
  readonly moments: readonly number[]
  /** Regions that do not wait until the reader has ended. */
  readonly rude: readonly string[]
}

/** From now on, notes each text that a region comes to have, frame by frame. */
function watchSaid(of: Page): Promise<void> {
  return of.evaluate((regions) => {
    const said = { texts: [] as string[], moments: [] as number[], rude: [] as string[] }
    const texts = new Map<Element, string>()
    const all = (root: ParentNode): Element[] =>
      [...root.querySelectorAll('*')].flatMap((each) => [each, ...(each.shadowRoot ? all(each.shadowRoot) : [])])
    const look = (): void => {
      for (const region of all(document).filter((each) => each.matches(regions))) {
        const text = (region.textContent ?? '').replace(/\s+/g, ' ').trim()
        const before = texts.get(region)
        texts.set(region, text)
        // What a region has when it comes is not read.
        if (before === undefined || before === text || text === '') continue
        said.texts.push(text)
        said.moments.push(performance.now())
        if (region.ariaLive === 'assertive' || region.role === 'alert') said.rude.push(text)
      }
      requestAnimationFrame(look)
    }
    look()
    Object.assign(window, { said })
  }, liveRegions)
}

function readSaid(of: Page): Promise<Said> {
  return of.evaluate(() => (window as unknown as { said: Said }).said)
}

/** From now on, notes what moves, frame by frame. */
function watchMotion(of: Page): Promise<void> {
  return of.evaluate(() => {
    const moved: string[] = []
    const roots = (root: Document | ShadowRoot): (Document | ShadowRoot)[] => [
      root,
      ...[...root.querySelectorAll('*')].flatMap((each) => (each.shadowRoot ? roots(each.shadowRoot) : [])),
    ]
    const look = (): void => {
      for (const animation of roots(document).flatMap((root) => root.getAnimations())) {
        const { target } = animation.effect as KeyframeEffect
        moved.push(`${target?.localName ?? ''} ${target?.className ?? ''}`)
      }
      requestAnimationFrame(look)
    }
    look()
    Object.assign(window, { moved })
  })
}

/**
 * What stands beyond the page's sides, or would be scrolled sideways to, but what scrolls in a frame of its own, says with
 * dots that there is more, or is there for screen readers alone.
 */
function cutOff(of: Page): Promise<string[]> {
  return of.evaluate(() => {
    const wide = document.documentElement.clientWidth
    const parent = (element: Element): Element | null =>
      element.assignedSlot ?? element.parentElement ?? (element.getRootNode() as ShadowRoot).host ?? null
    const isFramed = (element: Element): boolean => {
      for (let each: Element | null = element; each; each = parent(each)) {
        const { overflowX, clipPath, position } = getComputedStyle(each)
        if (overflowX === 'auto' || overflowX === 'scroll' || clipPath !== 'none') return true
        if (position === 'absolute' && each.classList.contains('unseen')) return true
      }
      return false
    }
    const all = (root: ParentNode): Element[] =>
      [...root.querySelectorAll('*')].flatMap((each) => [each, ...(each.shadowRoot ? all(each.shadowRoot) : [])])
    const beyond = all(document.body).filter((each) => {
      const { left, right, width, height } = each.getBoundingClientRect()
      return width > 0 && height > 0 && (right > wide + 1 || left < -1) && each.checkVisibility() && !isFramed(each)
    })
    const dialogs = all(document).filter(
      (each) => each instanceof HTMLDialogElement && each.scrollWidth > each.clientWidth,
    )
    const scrolled =
      document.documentElement.scrollWidth > wide ? [`the page: ${document.documentElement.scrollWidth}`] : []
    return [
      ...scrolled,
      ...dialogs.map((each) => `a dialog: ${each.scrollWidth}`),
      ...beyond.map(
        (each) =>
          `${each.localName}.${String(each.getAttribute('class'))} ${(each.textContent ?? '').trim().slice(0, 40)}`,
      ),
    ]
  })
}
