import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import ts from 'typescript'
import { root } from './proofs.ts'

/** A public name: `name` is `Type.member` for members. */
export interface PublicName {
  readonly name: string
  /** Where it is declared, relative to `packages`. */
  readonly place: string
  /** Its docstring; empty without one. */
  readonly words: string
  /** It is a property that may be left out. */
  readonly isOptional: boolean
}

export const packages = ['protocol', 'engine', 'client', 'dashboard', 'testkit'] as const

/** The source files that the `exports` of a package lead to. */
export function entryPoints(name: string): string[] {
  const manifest = JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')) as {
    exports: Record<string, string | { types: string }>
  }
  const types = Object.values(manifest.exports).flatMap((target) => (typeof target === 'string' ? [] : [target.types]))
  return [...new Set(types)].map((path) =>
    join(root, 'packages', name, path.replace('./dist/', 'src/').replace(/\.d\.ts$/, '.ts')),
  )
}

/** All that can be imported from the files, and its members, as far as it is declared in the folder. */
export function publicNames(files: readonly string[], folder = join(root, 'packages')): PublicName[] {
  const program = ts.createProgram([...files], compilerOptions())
  const checker = program.getTypeChecker()
  const found = new Map<string, PublicName>()
  const add = (name: string, symbol: ts.Symbol): void => {
    for (const declaration of symbol.declarations ?? []) {
      const place = placeOf(declaration, folder)
      if (!place) continue
      const key = `${place} ${name}`
      if (found.has(key)) continue
      const words = ts.displayPartsToString(symbol.getDocumentationComment(checker)).trim()
      found.set(key, { name, place, words, isOptional: isOptionalProperty(declaration) })
      for (const member of membersOf(declaration)) addMember(name, member)
      for (const base of basesOf(declaration)) addExported(base)
    }
  }
  const addExported = (node: ts.Node): void => {
    const symbol = checker.getSymbolAtLocation(node)
    if (symbol) add(symbol.name, isAlias(symbol) ? checker.getAliasedSymbol(symbol) : symbol)
  }
  const addMember = (owner: string, member: ts.NamedDeclaration): void => {
    const symbol = member.name && checker.getSymbolAtLocation(member.name)
    if (symbol) add(`${owner}.${member.name?.getText()}`, symbol)
  }
  for (const file of files) {
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    if (!module) continue
    for (const symbol of checker.getExportsOfModule(module)) {
      add(symbol.name, isAlias(symbol) ? checker.getAliasedSymbol(symbol) : symbol)
    }
  }
  return [...found.values()]
}

/** What is wrong with the words of a public name; null when nothing is. */
export function faultOf({ words, isOptional }: PublicName): string | null {
  if (words === '') return 'has no docstring'
  if (isOptional && !saysAbsence(words)) return 'does not say what it is when it is left out'
  return null
}

/** Words by which an option may say what holds when it is left out. */
function saysAbsence(words: string): boolean {
  return /\b(default|without|none|unless|absent|otherwise|left out)\b/i.test(words)
}

function compilerOptions(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), (path) => ts.sys.readFile(path)) as {
    config: object
  }
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  return {
    ...options,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    noEmit: true,
    types: ['node'],
  }
}

function isAlias({ flags }: ts.Symbol): boolean {
  return (flags & ts.SymbolFlags.Alias) !== 0
}

/** What an interface adds to: its members can be used, too, whether or not it is exported. */
function basesOf(declaration: ts.Declaration): readonly ts.Node[] {
  if (!ts.isInterfaceDeclaration(declaration)) return []
  return (declaration.heritageClauses ?? []).flatMap(({ types }) => types.map(({ expression }) => expression))
}

/** Null for what is declared elsewhere, or built: it is looked at where it is written. */
function placeOf(declaration: ts.Declaration, folder: string): string | null {
  const source = declaration.getSourceFile()
  const place = relative(folder, source.fileName)
  if (place.startsWith('..') || place.includes('/dist/')) return null
  const { line } = source.getLineAndCharacterOfPosition(declaration.getStart())
  return `${place}:${line + 1}`
}

function isOptionalProperty(declaration: ts.Declaration): boolean {
  return ts.isPropertySignature(declaration) && declaration.questionToken !== undefined
}

/** The members that a user of a class, an interface, an object type or a codec of the protocol sees. */
function membersOf(declaration: ts.Declaration): readonly ts.NamedDeclaration[] {
  if (ts.isInterfaceDeclaration(declaration)) return declaration.members.filter(needsWords)
  if (ts.isClassDeclaration(declaration)) return classMembers(declaration).filter(needsWords)
  if (ts.isTypeAliasDeclaration(declaration)) return literalMembers(declaration.type)
  if (ts.isPropertySignature(declaration) && declaration.type) return literalMembers(declaration.type)
  if (ts.isVariableDeclaration(declaration) && declaration.initializer) return codecFields(declaration.initializer)
  return []
}

/** Those of each part of an intersection, and of a union where the part has no words of its own. */
function literalMembers(type: ts.TypeNode): readonly ts.NamedDeclaration[] {
  if (ts.isTypeLiteralNode(type)) return type.members.filter(needsWords)
  if (ts.isParenthesizedTypeNode(type)) return literalMembers(type.type)
  if (ts.isIntersectionTypeNode(type)) return type.types.flatMap(literalMembers)
  if (ts.isUnionTypeNode(type)) return type.types.filter((part) => !hasWords(part)).flatMap(literalMembers)
  return []
}

/** Whether a part of a union is explained before its `|`. */
function hasWords(part: ts.TypeNode): boolean {
  return /\*\/\s*\|?\s*$/.test(part.getSourceFile().text.slice(0, part.getStart()))
}

function classMembers({ members }: ts.ClassDeclaration): readonly ts.NamedDeclaration[] {
  const parameters = members.filter(ts.isConstructorDeclaration).flatMap((member) => [...member.parameters])
  return [
    ...members,
    ...parameters.filter((parameter) => ts.isParameterPropertyDeclaration(parameter, parameter.parent)),
  ]
}

/** The fields of `object({ … })` and `extend(…, { … })`. */
function codecFields(call: ts.Expression): readonly ts.NamedDeclaration[] {
  if (!ts.isCallExpression(call) || !ts.isIdentifier(call.expression)) return []
  if (!['object', 'extend'].includes(call.expression.text)) return []
  return call.arguments.filter(ts.isObjectLiteralExpression).flatMap(({ properties }) => [...properties])
}

/**
 * Not what is private or `@internal`, not what a base class explains (`override`), and not the word that tells the parts
 * of a union apart (`kind: 'log'`): the part itself is explained.
 */
function needsWords(member: ts.NamedDeclaration): boolean {
  if (!member.name || ts.isPrivateIdentifier(member.name)) return false
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected | ts.ModifierFlags.Override
  if ((ts.getCombinedModifierFlags(member) & hidden) !== 0) return false
  if (ts.isPropertySignature(member) && member.type && ts.isLiteralTypeNode(member.type)) return false
  return !ts.getJSDocTags(member).some(({ tagName }) => tagName.text === 'internal')
}
