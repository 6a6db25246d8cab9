import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { slugOf } from '../../website/slug.ts'
import { root } from './proofs.ts'

/** A code sample of a page. */
export interface Fence {
  /** The first word behind the fence, such as `ts`; empty without one. */
  readonly language: string
  readonly text: string
  /** The line of the fence. */
  readonly line: number
  /** Why nobody compiles it, out of the comment above it: `<!-- not compiled: why -->`; null without one. */
  readonly excuse: string | null
}

/** A link or a picture of a page, with the line on which it stands. */
export interface Link {
  readonly target: string
  readonly line: number
}

/** Every page of Markdown that readers are given, relative to the repository. */
export const pages: readonly string[] = [
  ...['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', 'examples/README.md'],
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
  ...['packages', 'examples'].flatMap((folder) =>
    readdirSync(join(root, folder)).map((name) => `${folder}/${name}/README.md`),
  ),
].filter((path) => path.endsWith('.md') && existsSync(join(root, path)))

/** What stands on a page. */
export function readPage(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** The code samples of a page, however they are fenced. */
export function readFences(text: string): readonly Fence[] {
  const lines = text.split('\n')
  const fences: Fence[] = []
  for (let at = 0; at < lines.length; at += 1) {
    const [, indent = '', mark, info = ''] = /^( *)(`{3,}|~{3,})(.*)$/.exec(lines[at] ?? '') ?? []
    if (!mark) continue
    const end = lines.findIndex((line, index) => index > at && line.trim() === mark)
    if (end < 0) throw new Error(`The code sample on line ${at + 1} has no end`)
    const body = lines.slice(at + 1, end).map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line))
    const excuse = /^ *<!-- not compiled: (.{10,}) -->$/.exec(above(lines, at))?.[1] ?? null
    fences.push({ language: info.trim().split(/[\s{]/)[0] ?? '', text: body.join('\n'), line: at + 1, excuse })
    at = end
  }
  return fences
}

/** The last line that says something before a place. */
function above(lines: readonly string[], at: number): string {
  return lines.slice(0, at).findLast((line) => line.trim() !== '') ?? ''
}

/** Where a page leads: links and pictures of Markdown and of HTML, not what code samples say. */
export function readLinks(text: string): readonly Link[] {
  return withoutCode(text).flatMap((line, index) =>
    [...line.matchAll(/\]\(<?([^()\s>]*(?:\([^()\s]*\)[^()\s>]*)*)>?(?: +"[^"]*")?\)|\b(?:href|src)="([^"]*)"/g)].map(
      ([, inMarkdown, inHtml]) => ({ target: inMarkdown ?? inHtml ?? '', line: index + 1 }),
    ),
  )
}

/** The anchors of a page: those of its headings, numbered where they repeat, and those that it sets itself. */
export function readAnchors(text: string): ReadonlySet<string> {
  const anchors = new Set<string>()
  const fenced = new Set(linesOfFences(text))
  for (const [index, line] of text.split('\n').entries()) {
    if (fenced.has(index)) continue
    for (const [, id = ''] of line.matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id)
    const [, heading] = /^#{1,6} +(.*?)(?: +#+)?$/.exec(line) ?? []
    if (heading === undefined) continue
    const slug = slugOf(plain(heading))
    let anchor = slug
    for (let n = 1; anchors.has(anchor); n += 1) anchor = `${slug}-${n}`
    anchors.add(anchor)
  }
  return anchors
}

/** The words of a heading as they are read. */
function plain(heading: string): string {
  return heading.replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
}

/** The lines of a page, those of code samples empty and the others without inline code and comments. */
function withoutCode(text: string): readonly string[] {
  const fenced = new Set(linesOfFences(text))
  return text
    .split('\n')
    .map((line, index) =>
      fenced.has(index) ? '' : line.replace(/(`+)(?!`).*?\1(?!`)/g, '').replace(/<!--.*?-->/g, ''),
    )
}

function linesOfFences(text: string): readonly number[] {
  return readFences(text).flatMap(({ line, text: body }) =>
    Array.from({ length: body.split('\n').length + 2 }, (_, offset) => line - 1 + offset),
  )
}
