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

function exportsOf(
  checker: ts.TypeChecker,
  program: ts.Program,
  file: string,
): readonly (readonly [string, ts.Symbol])[] {
  const source = program.getSourceFile(file)
  const module = source && checker.getSymbolAtLocation(source)
  if (!module) return []
  return checker
    .getExportsOfModule(module)
    .map((symbol) => [symbol.name, isAlias(symbol) ? checker.getAliasedSymbol(symbol) : symbol] as const)
    .sort(([a], [b]) => a.localeCompare(b, 'en'))
}

function isAlias({ flags }: ts.Symbol): boolean {
  return (flags & ts.SymbolFlags.Alias) !== 0
}
