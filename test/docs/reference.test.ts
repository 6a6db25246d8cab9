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

/** The names that can be imported from each entry point, by its built declarations, asked of the compiler. */
async function declaredNames(): Promise<ReadonlyMap<string, readonly string[]>> {
  const types = [...(await generatedTypes())]
  const files = new Map(types.map(([name, text]) => [join(root, 'packages/dashboard/dist', name), text]))
  const program = programOf([...specifiers.map(declarationsOf), ...files.keys()], files)
  const checker = program.getTypeChecker()
  const exported = specifiers.map((specifier) => {
    const source = program.getSourceFile(declarationsOf(specifier))
    if (!source) throw new Error(`${declarationsOf(specifier)} is not there: npm run build makes it`)
    const module = checker.getSymbolAtLocation(source)
    const symbols = (module ? checker.getExportsOfModule(module) : []).map((symbol) => ({
      name: symbol.name,
      flags: (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol.flags : checker.getAliasedSymbol(symbol).flags,
    }))
    return { specifier, symbols }
  })
  const unusable = unusableNames(exported)
  return new Map(
    exported.map(({ specifier, symbols }) => [
      specifier,
      symbols.map(({ name }) => name).filter((name) => !unusable.has(`${specifier} ${name}`)),
    ]),
  )
}

interface Exported {
  readonly specifier: string
  readonly symbols: readonly { readonly name: string; readonly flags: ts.SymbolFlags }[]
}

/** Values that came along with `export type *`: whoever imports and uses them is told by the compiler that he may not. */
function unusableNames(exported: readonly Exported[]): ReadonlySet<string> {
  const isValueAlone = (flags: ts.SymbolFlags) => (flags & ts.SymbolFlags.Type) === 0
  const probes = exported.map(({ specifier, symbols }, index) => {
    const names = symbols.filter(({ flags }) => isValueAlone(flags)).map(({ name }) => name)
    const text = `import { ${names.join(', ')} } from '${specifier}'\nexport const used = [${names.join(', ')}]\n`
    return {
      specifier,
      file: join(root, `test/docs/probe-${index}.sample.ts`),
      text: names.length > 0 ? text : 'export {}',
    }
  })
  const program = programOf([], new Map(probes.map(({ file, text }) => [file, text])))
  return new Set(
    probes.flatMap(({ specifier, file }) =>
      program.getSemanticDiagnostics(program.getSourceFile(file)).flatMap(({ code, messageText }) => {
        const words = ts.flattenDiagnosticMessageText(messageText, ' ')
        const [, name] = /^'(\w+)' cannot be used as a value/.exec(words) ?? []
        return code === 1362 && name ? [`${specifier} ${name}`] : []
      }),
    ),
  )
}

/** Files, some of which exist only here, as the compiler sees them. */
function programOf(files: readonly string[], virtual: ReadonlyMap<string, string>): ts.Program {
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    skipLibCheck: true,
    noEmit: true,
    types: [],
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile } = host
  host.fileExists = (path) => virtual.has(path) || fileExists(path)
  host.readFile = (path) => virtual.get(path) ?? readFile(path)
  return ts.createProgram([...files, ...virtual.keys()], options, host)
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
