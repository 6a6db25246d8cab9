import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { exportTargets, readManifest } from './manifest.ts'
import { packageNames, root, type PackageName } from './pack.ts'

// Node loads ES modules by require() as long as none of them waits at its top level.

describe.each(packageNames)('the package %s', (name) => {
  it('waits for nothing while it is loaded', () => {
    const entries = exportTargets(readManifest(name), 'default').filter((path) => path.endsWith('.js'))
    const graph = new Set<string>()
    for (const entry of entries) follow(join(root, 'packages', name, entry), graph)
    expect(graph.size).toBeGreaterThanOrEqual(entries.length)
    expect([...graph].filter((path) => waits(readFileSync(path, 'utf8')))).toEqual([])
  })
})

/** What needs no page and no test runner around it; their drivers are loaded when they are used. */
const entries = packageNames
  .filter((name) => name !== 'testkit' && name !== 'dashboard')
  .flatMap((name) => entriesOf(name))

describe('require()', () => {
  it.each(entries)('loads %s', async (entry) => {
    const script = `process.stdout.write(String(Object.keys(require(${JSON.stringify(entry)})).length))`
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['-e', script], { cwd: root })
    expect(Number(stdout)).toBeGreaterThan(0)
    expect(stderr).toBe('')
  })
})

describe('the look for waiting', () => {
  it.each(['await start()', 'export const a = await start()', 'for await (const a of b) c(a)', 'if (a) { await b() }'])(
    'sees %s',
    (text) => expect(waits(text)).toBe(true),
  )

  it.each(['export const f = async () => await g()', 'async function f() { for await (const a of b) c(a) }'])(
    'sees nothing in %s',
    (text) => expect(waits(text)).toBe(false),
  )
})

function entriesOf(name: PackageName): string[] {
  return Object.entries(readManifest(name).exports)
    .filter(([, target]) => typeof target !== 'string')
    .map(([path]) => `@taskloom/${name}${path.slice(1)}`)
}

/** All files of the package that a file imports before it runs; what it loads by `import()` may wait. */
function follow(path: string, seen: Set<string>): void {
  if (seen.has(path)) return
  if (!existsSync(path)) throw new Error(`${path} has not been built: run \`npm run build\``)
  seen.add(path)
  for (const statement of parse(readFileSync(path, 'utf8')).statements) {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue
    const from = statement.moduleSpecifier
    if (!from || !ts.isStringLiteral(from) || !/^\.{1,2}\/.*\.js$/.test(from.text)) continue
    follow(resolve(dirname(path), from.text), seen)
  }
}

function parse(text: string): ts.SourceFile {
  return ts.createSourceFile('module.js', text, ts.ScriptTarget.ES2022, true)
}

function waits(text: string): boolean {
  const look = (node: ts.Node): boolean => {
    if (ts.isAwaitExpression(node) || (ts.isForOfStatement(node) && node.awaitModifier !== undefined)) return true
    if (ts.isFunctionLike(node)) return false
    return ts.forEachChild(node, (child) => look(child) || undefined) ?? false
  }
  return look(parse(text))
}
