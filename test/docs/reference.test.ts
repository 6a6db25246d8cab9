import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'
import { beforeAll, describe, expect, it } from 'vitest'
import { entryPoints } from '../../website/reference/entries.ts'
import { generatedTypes } from '../../website/reference/generated.ts'
import { buildReference, type Reference } from '../../website/reference/index.ts'
import { readLinks } from './pages.ts'
import { root } from './proofs.ts'

const entries = entryPoints()
const specifiers = entries.map(({ specifier }) => specifier)

describe('the reference of names', () => {
  let reference: Reference
  let declared: ReadonlyMap<string, readonly string[]>

  beforeAll(async () => {
    reference = await buildReference()
    declared = await declaredNames()
  }, 240_000)

  it('has a page for each entry point', () => {
    expect([...reference.pages.keys()]).toEqual(entries.map(({ page }) => page))
    expect(new Set(reference.pages.keys()).size).toBe(entries.length)
    expect(specifiers).toContain('@taskloom/engine')
    expect(specifiers.length).toBeGreaterThan(20)
  })

  it.each(entries)('has each name that the declarations of $specifier export, and no other', ({ specifier, page }) => {
    const headings = [...(reference.pages.get(page) ?? '').matchAll(/^### (\S+) \{#\1\}$/gm)].map(
      ([, name = '']) => name,
    )
    expect([...headings].sort()).toEqual([...(declared.get(specifier) ?? ['nothing is known of it'])].sort())
  })

  it.each(entries)('explains each name of $specifier', ({ page }) => {
    const items = reference.modules.find((module) => module.page === page)?.items ?? []
    expect(items.filter(({ item }) => item.words === '').map(({ item }) => item.name)).toEqual([])
  })

  it('leads from each name to where it is described', () => {
    const anchors = new Map([...reference.pages].map(([page, text]) => [page, anchorsOf(text)]))
    const broken = [...reference.pages].flatMap(([page, text]) =>
      [...readLinks(text)].flatMap(({ target }) => {
        const [path = '', anchor = ''] = target.split('#')
        const linked = path === '' ? page : path.replace(/\.(md|html)$/, '')
        return anchors.get(linked)?.has(anchor) ? [] : [`${page}: ${target}`]
      }),
    )
    expect(broken).toEqual([])
    expect(anchors.get('engine')).toContain('TaskManager.enqueueIn')
  })

  it('says of a record of the protocol what its codec says', () => {
    const page = reference.pages.get('protocol') ?? ''
    expect(page).toContain('<code id="TaskSummary.taskId" v-pre>taskId: string</code><br>A UUID of version 7')
    expect(page).toContain('<code id="TaskSummary.progress" v-pre>progress: <a href="#Progress">Progress</a>')
  })
})

/** The names that the built declarations of each entry point export, asked of the compiler. */
async function declaredNames(): Promise<ReadonlyMap<string, readonly string[]>> {
  const generated = new Map(
    [...(await generatedTypes())].map(([name, text]) => [join(root, 'packages/dashboard/dist', name), text]),
  )
  const options: ts.CompilerOptions = { module: ts.ModuleKind.NodeNext, skipLibCheck: true, noEmit: true, types: [] }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile } = host
  host.fileExists = (path) => generated.has(path) || fileExists(path)
  host.readFile = (path) => generated.get(path) ?? readFile(path)
  const files = new Map(specifiers.map((specifier) => [specifier, declarationsOf(specifier)]))
  const program = ts.createProgram([...new Set(files.values())], options, host)
  const checker = program.getTypeChecker()
  const namesIn = (file: string): readonly string[] => {
    const source = program.getSourceFile(file)
    if (!source) throw new Error(`${file} is not there: run \`npm run build\``)
    const module = checker.getSymbolAtLocation(source)
    return module ? checker.getExportsOfModule(module).map(({ name }) => name) : []
  }
  return new Map([...files].map(([specifier, file]) => [specifier, namesIn(file)]))
}

function declarationsOf(specifier: string): string {
  const [, name = '', ...path] = specifier.split('/')
  const folder = join(root, 'packages', name)
  const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    readonly exports: Readonly<Record<string, { readonly types: string }>>
  }
  return join(folder, exports[['.', ...path].join('/')]?.types ?? '')
}

function anchorsOf(text: string): ReadonlySet<string> {
  return new Set([...text.matchAll(/\{#(\S+)\}|\bid="([^"]+)"/g)].map(([, heading, id]) => heading ?? id ?? ''))
}
