import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { beforeAll, describe, expect, it } from 'vitest'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)].filter((name) =>
  name.endsWith('.md'),
)

interface Sample {
  /** Where it stands, such as `docs/retries.md:7`. */
  readonly place: string
  /** A file that exists only for the compiler, in a folder from which our packages are found. */
  readonly path: string
  readonly text: string
}

const samples = pages.flatMap(readSamples)

describe('the samples of the documentation', () => {
  let faults: ReadonlyMap<string, readonly string[]>
  const broken: Sample = {
    place: 'here',
    path: join(root, 'test/docs/broken.sample.ts'),
    text: `import { TaskManager } from '@taskloom/engine'
const tasks = new TaskManager()
const double = tasks.define('double', {}, async (value: number) => value * 2)
await double.enqueue('21')`,
  }

  beforeAll(() => {
    faults = compile([...samples, broken])
  }, 120_000)

  it('are there', () => {
    expect(samples.length).toBeGreaterThan(8)
  })

  it.each(samples)('compile: $place', ({ path }) => {
    expect(faults.get(path) ?? []).toEqual([])
  })

  it('would not compile with an argument of the wrong type', () => {
    expect(faults.get(broken.path)).toEqual([expect.stringContaining("type 'string' is not assignable")])
  })
})

function readSamples(page: string): Sample[] {
  const text = readFileSync(join(root, page), 'utf8')
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map((match) => {
    const line = text.slice(0, match.index).split('\n').length
    const path = join(root, 'test/docs', `${page.replace(/\W/g, '-')}-${line}.sample.ts`)
    return { place: `${page}:${line}`, path, text: match[1] ?? '' }
  })
}

/** What the compiler has against each sample, by its path. */
function compile(files: readonly Sample[]): ReadonlyMap<string, readonly string[]> {
  const texts = new Map(files.map(({ path, text }) => [path, `${text}\nexport {}\n`]))
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    lib: ['lib.es2023.d.ts'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noUncheckedIndexedAccess: true,
    skipLibCheck: true,
    noEmit: true,
  }
  const host = ts.createCompilerHost(options)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (path) => texts.has(path) || fileExists(path)
  host.readFile = (path) => texts.get(path) ?? readFile(path)
  host.getSourceFile = (path, target, ...rest) => {
    const text = texts.get(path)
    return text === undefined ? getSourceFile(path, target, ...rest) : ts.createSourceFile(path, text, target)
  }
  const program = ts.createProgram([...texts.keys()], options, host)
  const found = new Map<string, string[]>()
  for (const diagnostic of ts.getPreEmitDiagnostics(program)) {
    const path = diagnostic.file?.fileName ?? ''
    const words = ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')
    found.set(path, [...(found.get(path) ?? []), path.startsWith(root) ? words : `${relative(root, path)}: ${words}`])
  }
  return found
}
