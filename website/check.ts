// Looks at the built site: every link, picture and anchor of every page must be there. The generator itself asks only
// whether a linked page is.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { contents, pagesOf } from './contents.ts'
import { root } from './reference/entries.ts'

const folder = join(root, 'website/dist')
const pages = new Map(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.html'))
    .map((name) => [name, readFileSync(join(folder, name), 'utf8')]),
)
const anchors = new Map([...pages].map(([name, html]) => [name, idsOf(html)]))

const missing = pagesOf(contents)
  .map(({ page }) => `${page}.html`)
  .filter((name) => !pages.has(name))
const faults = [
  ...missing.map((name) => `${name} was not built`),
  ...[...pages].flatMap(([name, html]) => linksOf(html).flatMap((link) => faultOf(name, link))),
]
if (faults.length > 0) {
  process.stderr.write(`${faults.join('\n')}\n${faults.length} links of the site lead nowhere.\n`)
  process.exitCode = 1
} else {
  process.stdout.write(`${pages.size} pages; every link and anchor leads somewhere.\n`)
}

function idsOf(html: string): ReadonlySet<string> {
  return new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id = '']) => decoded(id)))
}

/** Links, pictures, scripts and styles of this site. */
function linksOf(html: string): readonly string[] {
  const found = [...html.matchAll(/<(?:a|img|link|script|source)\b[^>]*?\s(?:href|src)="([^"]*)"/g)]
  return [...new Set(found.map(([, link = '']) => decoded(link)))].filter((link) => !/^(?:[a-z]+:|\/\/)/.test(link))
}

function faultOf(page: string, link: string): readonly string[] {
  const [path = '', anchor = ''] = link.split('#')
  const place = path.startsWith('/') ? path.slice(1) : relative('.', join(dirname(page), path))
  const name = path === '' ? page : place === '' || path.endsWith('/') ? join(place, 'index.html') : decodeURI(place)
  if (!existsSync(join(folder, name))) return [`${page} → ${link}`]
  if (anchor === '' || anchors.get(name)?.has(decodeURIComponent(anchor))) return []
  return [`${page} → ${link}: there is no such anchor`]
}

function decoded(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&amp;', '&')
}
