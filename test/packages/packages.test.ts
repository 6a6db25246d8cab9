import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, posix } from 'node:path'
import { publint } from 'publint'
import { formatMessage } from 'publint/utils'
import ts from 'typescript'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { exportTargets, readManifest } from './manifest.ts'
import { packAll, packageNames, root, type PackageName, type Packed } from './pack.ts'

let folder: string
let packed: ReadonlyMap<PackageName, Packed>
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taskloom-packages-'))
  packed = await packAll(folder)
}, 120_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Bytes of a tarball at most: somewhat more than it has now, so that what slips in is noticed. */
const mostBytes = { protocol: 160_000, client: 160_000, dashboard: 1_900_000, engine: 2_400_000, testkit: 300_000 }

describe.each(packageNames)('the package %s', (name) => {
  const manifest = readManifest(name)
  const pack = (): Packed => packed.get(name)!

  it('is what publint asks for', async () => {
    const tarball = new Uint8Array(await readFile(pack().tarball)).buffer
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true })
    expect(messages.map((message) => formatMessage(message, pkg, { color: false }))).toEqual([])
  })

  it('has types where every kind of TypeScript looks for them', { timeout: 60_000 }, async () => {
    expect(await typeFaults(pack().tarball)).toBe('')
  })

  it('holds the build, its sources and three pages, and nothing else', () => {
    expect(pack().files.filter((path) => !belongs.some((pattern) => pattern.test(path)))).toEqual([])
    expect(pack().files.filter((path) => strays.test(path))).toEqual([])
    expect(pack().files).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'package.json']))
    expect(pack().size).toBeLessThan(mostBytes[name])
  })

  it('has a built file for each source, and none of a source that is gone', () => {
    const compiled = (pattern: RegExp) =>
      pack()
        .files.filter((path) => pattern.test(path) && !isBundled(path) && !/^dist\/(jsx|react|vue)\.d\.ts$/.test(path))
        .map((path) => path.replace(/^(dist|src)\//, '').replace(pattern, ''))
        .sort()
    const sources = compiled(/(?<!\.d)\.ts$/)
    expect(compiled(/\.js$/)).toEqual(sources)
    expect(compiled(/\.d\.ts$/)).toEqual(sources)
  })

  it('has everything that its manifest names', () => {
    const { bin = {}, customElements, unpkg, jsdelivr, 'web-types': webTypes, sideEffects } = manifest
    const others = [customElements, unpkg, jsdelivr, webTypes, ...Object.values(bin)]
    const effects = typeof sideEffects === 'boolean' ? [] : sideEffects
    const named = [...exportTargets(manifest), ...effects, ...others]
      .filter((path) => path !== undefined)
      .map((path) => path.replace(/^\.\//, ''))
    expect(named.filter((path) => !pack().files.some((file) => matches(file, path)))).toEqual([])
    expect(Object.values(bin).filter((path) => !textOf(name, path).startsWith('#!/usr/bin/env node\n'))).toEqual([])
  })

  it('leads debuggers and editors from what is built to its source', () => {
    const maps = pack().files.filter((path) => path.endsWith('.map'))
    const mapped = pack().files.filter((path) => /\.(js|d\.ts)$/.test(path) && maps.includes(`${path}.map`))
    expect(mapped.length).toBe(maps.length)
    expect(maps.length).toBe(2 * pack().files.filter((path) => path.startsWith('src/') && !isBundled(path)).length)
    const unmarked = mapped.filter(
      (path) => !textOf(name, path).includes(`sourceMappingURL=${posix.basename(path)}.map`),
    )
    expect(unmarked).toEqual([])
    const lost = maps.flatMap((path) => {
      const { sources } = JSON.parse(textOf(name, path)) as { sources: readonly string[] }
      return sources.map((source) => posix.join(dirname(path), source)).filter((path) => !pack().files.includes(path))
    })
    expect(lost).toEqual([])
  })

  it('declares what it imports', () => {
    const programs = pack().files.filter((path) => /^dist\/(?!cdn\/).+\.js$/.test(path))
    const imported = programs.flatMap((path) =>
      ts.preProcessFile(textOf(name, path), true, true).importedFiles.map(({ fileName }) => fileName),
    )
    const { dependencies, optionalDependencies, peerDependencies } = manifest
    const known = { ...dependencies, ...optionalDependencies, ...peerDependencies }
    expect(undeclared(imported, known)).toEqual([])
  })

  it('declares what its types import', () => {
    const imported = exportTargets(manifest, 'types').flatMap((path) => [...foreignImports(name, path)])
    expect(undeclared(imported, { ...manifest.dependencies, ...manifest.peerDependencies })).toEqual([])
  })

  it('says whose it is, where it lives and on what it runs', () => {
    expect(manifest).toMatchObject({
      license: 'MIT',
      type: 'module',
      author: 'The Taskloom contributors',
      homepage: `https://github.com/taskloom/taskloom/tree/main/packages/${name}#readme`,
      repository: {
        type: 'git',
        url: 'git+https://github.com/taskloom/taskloom.git',
        directory: `packages/${name}`,
      },
      bugs: { url: 'https://github.com/taskloom/taskloom/issues' },
      engines: { node: '^20.19.0 || >=22.12.0' },
      publishConfig: { access: 'public', provenance: true },
    })
    expect(manifest.description).toMatch(/^.{20,120}\.$/)
    expect(manifest.keywords).toContain('taskloom')
    expect(textOf(name, 'LICENSE')).toBe(readFileSync(join(root, 'LICENSE'), 'utf8'))
    expect(textOf(name, 'README.md')).toContain(`# @taskloom/${name}\n`)
  })
})

it('every wall has been seen to hold something back', () => {
  const stray = ['tsconfig.tsbuildinfo', 'test/store.test.ts', 'dist/a.test.js', 'src/fixtures/a.ts', '.env']
  const held = stray.filter((path) => strays.test(path) || !belongs.some((pattern) => pattern.test(path)))
  expect(held).toEqual(stray)
})

const belongs = [
  /^(LICENSE|README\.md|package\.json)$/,
  /^src\/.+\.ts$/,
  /^dist\/(?!cdn\/).+\.(js|d\.ts)(\.map)?$/,
  /^dist\/cdn\/[\w./-]+\.(js|json)$/,
  /^dist\/(custom-elements|web-types|vscode\.(css|html)-custom-data)\.json$/,
]
const strays = /(^|[/.])(tests?|spec|fixtures?|tsbuildinfo)([/.]|$)/

/** Whether it is the file of the CDN, or belongs into that alone. */
function isBundled(path: string): boolean {
  return /^(dist|src)\/cdn\//.test(path)
}

/** Whether a file is what a path of the manifest names; there is one `*` at most. */
function matches(file: string, path: string): boolean {
  const [start = '', end] = path.split('*')
  return end === undefined ? file === start : file.startsWith(start) && file.endsWith(end)
}

/**
 * What `attw` says against a tarball. The oldest way to resolve (`node10`) knows no `exports` and is left out. That
 * `require()` finds an ES module is no fault here: every version of Node that `engines` allows loads those, which
 * `commonjs.test.ts` holds.
 */
function typeFaults(tarball: string): Promise<string> {
  const program = join(root, 'node_modules/@arethetypeswrong/cli/dist/index.js')
  const choices = ['--profile', 'node16', '--ignore-rules', 'cjs-resolves-to-esm', '--no-emoji', '--no-color']
  const args = [program, tarball, ...choices, '--format', 'ascii', '--no-definitely-typed', '--exclude-entrypoints']
  return new Promise((resolve) => {
    execFile(process.execPath, [...args, ...withoutTypes], { cwd: folder }, (error, stdout, stderr) =>
      resolve(error ? `${stdout}${stderr}` : ''),
    )
  })
}

/** Data, which nobody imports for its types. */
const withoutTypes = [
  'package.json',
  'custom-elements.json',
  'web-types.json',
  'vscode.html-custom-data.json',
  'vscode.css-custom-data.json',
]

function textOf(name: PackageName, path: string): string {
  return readFileSync(join(root, 'packages', name, path), 'utf8')
}

/** Packages that are imported and not among those that are known. */
function undeclared(imported: readonly string[], known: Readonly<Record<string, string>>): string[] {
  const foreign = imported.filter((from) => !from.startsWith('.') && !from.startsWith('node:'))
  return [...new Set(foreign.map(packageOf))].filter((name) => !(name in known))
}

function packageOf(from: string): string {
  return from.split('/', from.startsWith('@') ? 2 : 1).join('/')
}

/** What the declarations that a file leads to import from elsewhere. */
function foreignImports(name: PackageName, entry: string, seen = new Set<string>()): Set<string> {
  const found = new Set<string>()
  if (seen.has(entry)) return found
  seen.add(entry)
  for (const [, from = ''] of textOf(name, entry).matchAll(/(?:\bfrom |\bimport\(|^import )["']([^"']+)["']/gm)) {
    if (!from.startsWith('.')) {
      found.add(from)
      continue
    }
    const path = posix.join(dirname(entry), from).replace(/(\.d)?\.(ts|js)$/, '.d.ts')
    if (!existsSync(join(root, 'packages', name, path))) throw new Error(`${entry} imports ${from}, which is not there`)
    for (const other of foreignImports(name, path, seen)) found.add(other)
  }
  return found
}
