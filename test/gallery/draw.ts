// Draws every screen of the dashboard into docs/gallery: `npm run gallery`. With names of scenes only those; `--all` takes every
// width in both themes and `--into <folder>` draws somewhere else, to look at.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Page } from 'puppeteer-core'
import { launchBrowser, type TestBrowser } from '../whole/browser.ts'
import { galleryPage } from './page.ts'
import { scenes, type Scene, type SceneHosts } from './scenes.ts'
import { openNothing, openTroubles } from './made-up.ts'
import { openEmptySite, openGuardedSite, openLongNames, openPrintWorks, type GallerySite } from './shop.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { all: { type: 'boolean', default: false }, into: { type: 'string' }, million: { type: 'string' } },
})
const folder = values.into ?? fileURLToPath(new URL('../../docs/gallery', import.meta.url))
const widths = [360, 768, 1440, 2560] as const
const heights: Readonly<Record<(typeof widths)[number], number>> = { 360: 780, 768: 1024, 1440: 900, 2560: 1440 }
const millionCount = 1_000_000
const dayCount = 3_000

const work = await mkdtemp(join(tmpdir(), 'taskloom-gallery-'))
const browser = await launchBrowser()
const opened = new Map<keyof SceneHosts, GallerySite>()
try {
  await mkdir(folder, { recursive: true })
  const wanted = scenes.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  for (const scene of wanted) await draw(scene)
  if (!values.into) await writeFile(new URL('../../docs/gallery.md', import.meta.url), galleryPage(scenes, shotsOf))
} finally {
  await browser.close()
  for (const host of opened.values()) await host.close()
  await rm(work, { recursive: true, force: true, maxRetries: 5 })
}

/** Which pictures are kept of a scene: both themes where it is judged first, and each width. */
function shotsOf(
  scene: Scene,
): readonly { readonly theme: 'light' | 'dark'; readonly width: (typeof widths)[number] }[] {
  const isWhole = values.all || scene.isMain
  return widths.flatMap((width) =>
    (['light', 'dark'] as const).flatMap((theme) =>
      isWhole || (width === 1440 && (theme === 'light' || scene.isMain)) || (width === 360 && theme === 'dark')
        ? [{ theme, width }]
        : [],
    ),
  )
}

async function draw(scene: Scene): Promise<void> {
  const host = await hostOf(scene.host)
  for (const { theme, width } of shotsOf(scene)) {
    const page = await pageFor(browser, width)
    const query = new URLSearchParams({ theme, ...scene.attributes })
    await page.goto(`${host.origin}/?${query.toString()}${scene.place ? `#tasks?${scene.place}` : ''}`)
    await scene.prepare(page)
    const path = join(folder, `${scene.name}-${theme}-${width}`)
    if (values.into) await page.screenshot({ path: `${path}.png` })
    else await page.screenshot({ path: `${path}.webp`, type: 'webp', quality: 62 })
    await page.close()
    process.stdout.write(`${scene.name} ${theme} ${width}\n`)
  }
}

async function pageFor(from: TestBrowser, width: (typeof widths)[number]): Promise<Page> {
  const context = await from.browser.createBrowserContext()
  const page = await context.newPage()
  await page.setViewport({ width, height: heights[width] })
  return page
}

async function hostOf(name: keyof SceneHosts): Promise<GallerySite> {
  const known = opened.get(name)
  if (known) return known
  const open: SceneHosts = {
    works: () => openPrintWorks(join(work, 'works.db'), dayCount),
    million: () => openPrintWorks(join(work, 'million.db'), values.million ? Number(values.million) : millionCount),
    empty: openEmptySite,
    long: openLongNames,
    troubles: openTroubles,
    nothing: openNothing,
    guarded: openGuardedSite,
  }
  const host = await open[name]()
  opened.set(name, host)
  return host
}
