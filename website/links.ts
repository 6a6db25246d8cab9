import { posix } from 'node:path'
import type { Source } from './sources.ts'

const link = /(!?)\[((?:[^[\]]|\[[^\]]*\])*)\]\(([^)\s]+)\)/g

/**
 * The text of a page with its links as they lead on the site. Pages lead to pages, pictures stay where they are beside
 * them, and what is read in the repository alone is named and not linked.
 */
export function linksOnSite(text: string, { path }: Source, sources: readonly Source[]): string {
  const pages = new Map(sources.map((source) => [source.path, source.page]))
  const rewrite = (whole: string, mark: string, label: string, target: string): string => {
    if (/^(?:[a-z]+:|#)/.test(target)) return whole
    const [file = '', anchor] = target.split('#')
    const linked = posix.join(posix.dirname(path), file)
    const page = pages.get(linked)
    const behind = anchor === undefined ? '' : `#${anchor}`
    if (page !== undefined) return `${mark}[${label}](${page}.md${behind})`
    if (/^docs\/.+\.\w+$/.test(linked)) return `${mark}[${label}](${linked.replace('docs/', '')}${behind})`
    return label
  }
  return outsideOfCode(text, (part) => part.replace(link, rewrite))
}

/** Changes what is not code: fenced samples stay as they are. */
function outsideOfCode(text: string, change: (part: string) => string): string {
  return text
    .split(/(^ *```.*?^ *```$)/ms)
    .map((part, index) => (index % 2 === 1 ? part : change(part)))
    .join('')
}
