import { basename, join, relative } from 'node:path'
import ts from 'typescript'
import { readFences, readPage, type Fence } from './pages.ts'
import { root } from './proofs.ts'

/** A code sample as a file that exists only for the compiler, in a folder from which our packages are found. */
export interface Sample {
  /** Where it stands, such as `docs/retries.md:7`. */
  readonly place: string
  readonly path: string
  readonly text: string
}

/** Where the samples of a language run: in Node, or in a page. */
export type Surroundings = 'node' | 'page'

const compiled: Readonly<Record<string, { readonly within: Surroundings; readonly ending: string }>> = {
  ts: { within: 'node', ending: 'ts' },
  tsx: { within: 'page', ending: 'tsx' },
  js: { within: 'page', ending: 'js' },
  html: { within: 'page', ending: 'js' },
}

/** Languages that nobody compiles here: the shell, data, styles, and what has a compiler of its own. */
const others = new Set('sh text json css yaml nginx sql py promql ini dockerfile diff mermaid'.split(' '))
/** Recipes that `test/embedding/frameworks.test.ts` runs, or that their framework alone understands. */
const ofFrameworks = new Set(['vue', 'svelte'])

/** Why a fence would go past the compiler without a reason; null when it does not. */
export function escapeOf({ language, excuse }: Fence): string | null {
  if (language in compiled || others.has(language) || ofFrameworks.has(language)) return null
  if (excuse !== null) return null
  return language === '' ? 'has no language' : `is of the unknown language ${language}`
}

/** The samples of a page that run in such surroundings. */
export function samplesOf(page: string, within: Surroundings): readonly Sample[] {
  return readFences(readPage(page)).flatMap(({ language, text, line, excuse }) => {
    const kind = compiled[language]
    if (kind?.within !== within || excuse !== null) return []
    const code = language === 'html' ? scriptsIn(text) : text
    if (code === '') return []
    const path = join(root, 'test/docs', `${page.replace(/\W/g, '-')}-${line}.sample.${kind.ending}`)
    return [{ place: `${page}:${line}`, path, text: code }]
  })
}

/** What the scripts in a page say; those that are data, or elsewhere, say nothing. */
function scriptsIn(html: string): string {
  return [...html.matchAll(/<script(?:\s+type="module")?\s*>(.*?)<\/script>/gs)].map(([, code = '']) => code).join('\n')
}

const common: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  skipLibCheck: true,
  noEmit: true,
}

const optionsOf: Readonly<Record<Surroundings, ts.CompilerOptions>> = {
  node: { ...common, module: ts.ModuleKind.NodeNext, lib: ['lib.es2023.d.ts'], types: ['node'] },
  page: {
    ...common,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: [],
    jsx: ts.JsxEmit.ReactJSX,
    allowJs: true,
    checkJs: true,
  },
}

/** What the compiler has against each sample, by its path. `built` are declarations of the dashboard that a build writes. */
export function compile(
  samples: readonly Sample[],
  within: Surroundings,
  built: ReadonlyMap<string, string> = new Map(),
): ReadonlyMap<string, readonly string[]> {
  const texts = new Map([...samples.map(({ path, text }) => [path, `${text}\nexport {}\n`] as const), ...built])
  const pathOf = (file: string): [string, string[]] => [`@taskloom/dashboard/${basename(file, '.d.ts')}`, [file]]
  const options = { ...optionsOf[within], paths: Object.fromEntries([...built.keys()].map(pathOf)) }
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
    if (path.endsWith('.js') && isTakenForGranted(diagnostic)) continue
    const words = ts.flattenDiagnosticMessageText(diagnostic.messageText, ' ')
    found.set(path, [...(found.get(path) ?? []), path.startsWith(root) ? words : `${relative(root, path)}: ${words}`])
  }
  return found
}

/**
 * Plain JavaScript names no types, and stands in a page that has names of its own. Held against it is what cannot be
 * read, what it imports from us that there is not, and what it asks of our elements that they do not have.
 */
function isTakenForGranted({ code, messageText }: ts.Diagnostic): boolean {
  const words = ts.flattenDiagnosticMessageText(messageText, ' ')
  const isSyntax = code < 2000
  const isImport = [2305, 2307, 2614, 2724].includes(code) && words.includes('@taskloom/')
  const isOfOurs = [2339, 2551].includes(code) && /on type 'Task\w+'/.test(words)
  return !isSyntax && !isImport && !isOfOurs
}
