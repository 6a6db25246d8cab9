import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** A test that a page names: a file, and the titles of those in it that are meant; none means the whole file. */
export interface Proof {
  readonly path: string
  readonly titles: readonly string[]
}

/** The proofs that a text names, as `path` “title”, “title”. */
export function readProofs(text: string): Proof[] {
  return [...text.matchAll(/`((?:test|packages)\/[^`]+)`((?:,? “[^”]+”)*)/g)].map(([, path = '', titles = '']) => ({
    path,
    titles: [...titles.matchAll(/“([^”]+)”/g)].map(([, title = '']) => title),
  }))
}

/** What of a proof is not there. */
export function missingOf({ path, titles }: Proof): string[] {
  if (!existsSync(join(root, path))) return [path]
  if (titles.length === 0) return []
  const known = titlesIn(path)
  return titles.filter((title) => !known.has(title)).map((title) => `${path} “${title}”`)
}

export interface Row {
  /** The heading above its table. */
  readonly section: string
  readonly row: string
  readonly cells: readonly string[]
}

/** The rows of the tables in a text, without the heads of the tables. */
export function readRows(text: string): Row[] {
  let section = ''
  const rows: Row[] = []
  for (const line of text.split('\n')) {
    if (line.startsWith('#')) section = line.replace(/^#+ /, '')
    if (!line.startsWith('|')) continue
    const cells = line.split(/(?<!\\)\|/).slice(1, -1)
    rows.push({ section, row: line.replace(/ +/g, ' '), cells: cells.map((cell) => cell.trim()) })
  }
  return rows.filter(({ row }, at) => !/^\|[-:\s|]+$/.test(row) && !/^\|[-:\s|]+$/.test(rows[at + 1]?.row ?? ''))
}

const titlesByPath = new Map<string, ReadonlySet<string>>()

/** What its tests are called, as it stands in the file: those of `it.each` with their places. */
function titlesIn(path: string): ReadonlySet<string> {
  const known = titlesByPath.get(path)
  if (known) return known
  const titles = new Set<string>()
  const source = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.ES2022, true)
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isTest(node.expression)) {
      const title = node.arguments[0]
      if (title && ts.isStringLiteralLike(title)) titles.add(title.text)
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  titlesByPath.set(path, titles)
  return titles
}

/** `it`, `it.each(…)` and the like. */
function isTest(callee: ts.Expression): boolean {
  if (ts.isIdentifier(callee)) return callee.text === 'it'
  if (ts.isCallExpression(callee) || ts.isPropertyAccessExpression(callee)) return isTest(callee.expression)
  return false
}
