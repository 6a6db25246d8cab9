import ts from 'typescript'
import { CodecReader } from './codecs.ts'
import { Describer } from './describe.ts'
import type { EntryPoint } from './entries.ts'
import type { Module, ModuleItem } from './model.ts'

/** What each entry point exports, in the order of the entry points. */
export function readModules(program: ts.Program, entries: readonly EntryPoint[]): readonly Module[] {
  const checker = program.getTypeChecker()
  const exported = entries.map((entry) => ({ entry, names: exportsOf(checker, program, entry.file) }))
  const symbols = new Set(exported.flatMap(({ names }) => names.map(([, symbol]) => symbol)))
  const aliases = [...symbols].flatMap(({ declarations = [] }) => declarations.filter(ts.isTypeAliasDeclaration))
  const describer = new Describer(checker, new CodecReader(checker, aliases), symbols)
  const known = new Map<ts.Symbol, ModuleItem>()
  const itemOf = ({ specifier, page }: EntryPoint, name: string, symbol: ts.Symbol): ModuleItem => {
    const found = known.get(symbol)
    if (found?.item.name === name) return found
    const described = { item: describer.describe(name, symbol), home: { specifier, page } }
    known.set(symbol, described)
    return described
  }
  return exported.map(({ entry, names }) => ({
    specifier: entry.specifier,
    page: entry.page,
    items: names.map(([name, symbol]) => itemOf(entry, name, symbol)),
  }))
}

/** The names that a module exports without `export type`: what can be imported to be used, and not named alone. */
function valueNames(checker: ts.TypeChecker, source: ts.SourceFile | undefined): ReadonlySet<string> {
  const module = source && checker.getSymbolAtLocation(source)
  if (!source || !module) return new Set()
  const declared = [...(module.exports?.keys() ?? [])].map(String)
  const names = new Set(declared)
  for (const statement of source.statements.filter(ts.isExportDeclaration)) {
    for (const name of namesOf(checker, statement)) {
      if (name.isTypeOnly) names.delete(name.text)
      else names.add(name.text)
    }
  }
  return names
}

function namesOf(
  checker: ts.TypeChecker,
  statement: ts.ExportDeclaration,
): readonly { text: string; isTypeOnly: boolean }[] {
  const { exportClause, isTypeOnly, moduleSpecifier } = statement
  if (exportClause && ts.isNamedExports(exportClause)) {
    return exportClause.elements.map((each) => ({ text: each.name.text, isTypeOnly: isTypeOnly || each.isTypeOnly }))
  }
  if (isTypeOnly || !moduleSpecifier) return []
  const source = checker.getSymbolAtLocation(moduleSpecifier)?.declarations?.find(ts.isSourceFile)
  return [...valueNames(checker, source)].map((text) => ({ text, isTypeOnly: false }))
}

/** What can be imported: a value that comes along with `export type *` cannot. */
function exportsOf(
  checker: ts.TypeChecker,
  program: ts.Program,
  file: string,
): readonly (readonly [string, ts.Symbol])[] {
  const source = program.getSourceFile(file)
  const module = source && checker.getSymbolAtLocation(source)
  if (!module) return []
  const values = valueNames(checker, source)
  return checker
    .getExportsOfModule(module)
    .map((symbol) => [symbol.name, isAlias(symbol) ? checker.getAliasedSymbol(symbol) : symbol] as const)
    .filter(([name, { flags }]) => values.has(name) || (flags & ts.SymbolFlags.Type) !== 0)
    .sort(([a], [b]) => a.localeCompare(b, 'en'))
}

function isAlias({ flags }: ts.Symbol): boolean {
  return (flags & ts.SymbolFlags.Alias) !== 0
}
