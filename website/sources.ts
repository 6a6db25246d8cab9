import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root } from './reference/entries.ts'

/** A page that is read in the repository, too. */
export interface Source {
  /** Where it is read there: `docs/retries.md`. */
  readonly path: string
  /** Its page of the site, without `.md`. */
  readonly page: string
}

const rootPages: readonly Source[] = [
  { path: 'README.md', page: 'overview' },
  { path: 'CONTRIBUTING.md', page: 'contributing' },
  { path: 'CHANGELOG.md', page: 'changelog' },
]

/** Every page of the site that is not made for it. */
export function readSources(): readonly Source[] {
  const names = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
  return [...rootPages, ...names.map((name) => ({ path: `docs/${name}`, page: name.slice(0, -3) }))]
}

export function readText(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** The first heading of a page, as plain text. */
export function titleOf(text: string): string {
  return (/^# (.+)$/m.exec(text)?.[1] ?? '').replaceAll('`', '')
}
