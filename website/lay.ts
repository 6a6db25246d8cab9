// Lays out what the site is made of in `pages/`: the guides of `docs/`, the pages at the root of the repository, the front
// page out of the README, a page of names for each entry point, and the colours of the dashboard.
import { cpSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { colours } from './colours.ts'
import { homePage } from './home.ts'
import { linksOnSite } from './links.ts'
import { apiIndex } from './reference/contents.ts'
import { root } from './reference/entries.ts'
import { buildReference } from './reference/index.ts'
import { readSources, readText } from './sources.ts'

const folder = join(root, 'website/pages')
rmSync(folder, { recursive: true, force: true })

const sources = readSources()
for (const source of sources) {
  write(`${source.page}.md`, linksOnSite(readText(source.path), source, sources))
}
const readme = { path: 'README.md', page: 'index' }
write('index.md', linksOnSite(homePage(readText('README.md')), readme, sources))

const { modules, pages } = await buildReference()
for (const [page, text] of pages) write(`api/${page}.md`, text)
write('api/index.md', apiIndex(modules))
write('colours.css', colours(readText('packages/dashboard/src/styles/tokens.ts')))

// Beside the pages for those that show them, and below `public/` as they are for those that only link to them.
for (const name of readdirSync(join(root, 'docs')).filter((each) => !each.endsWith('.md'))) {
  for (const place of ['', 'public']) cpSync(join(root, 'docs', name), join(folder, place, name), { recursive: true })
}

function write(name: string, text: string): void {
  const path = join(folder, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}
