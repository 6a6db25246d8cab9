import { entryPoints, type EntryPoint } from './entries.ts'
import type { Module } from './model.ts'

/** What the packages are for, in the order of the reference. */
const purposes: Readonly<Record<string, string>> = {
  engine: 'The engine, what mounts it, its stores and queues',
  dashboard: 'The elements, and types of them for frameworks',
  client: 'The client without a page: requests, live stream, state',
  protocol: 'What goes over the wire, as types and codecs',
  testkit: 'Suites for stores, queues and adapters of your own',
}

/** The entry points of each package, with what the package is for. */
export function apiChapters(): readonly { name: string; purpose: string; entries: readonly EntryPoint[] }[] {
  const entries = entryPoints()
  return Object.entries(purposes).map(([name, purpose]) => ({
    name: `@taskloom/${name}`,
    purpose,
    entries: entries.filter(({ page }) => page.split('-')[0] === name),
  }))
}

/** The page before the pages of names. */
export function apiIndex(modules: readonly Module[]): string {
  const counts = new Map(modules.map(({ specifier, items }) => [specifier, items.length]))
  const chapters = apiChapters().map(({ name, purpose, entries }) => {
    const rows = entries.map(
      ({ specifier, page }) => `| [\`${specifier}\`](${page}.md) | ${counts.get(specifier) ?? 0} |`,
    )
    return [`## ${name}`, '', `${purpose}.`, '', '| module | names |', '| --- | ---: |', ...rows].join('\n')
  })
  const words = 'Every name that can be imported, written from the docstrings. Guides say how they are used together.'
  return `# Names of the packages\n\n${words}\n\n${chapters.join('\n\n')}\n`
}
