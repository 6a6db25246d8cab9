import ts from 'typescript'
import type { CodecReader } from './codecs.ts'
import { aliasTypeText, heritageText, signatureText, textOf, typeParametersText, widest } from './declare.ts'
import { root } from './entries.ts'
import type { Item, ItemKind, Member } from './model.ts'

/** Makes of the symbols that modules export what the reference says of them. */
export class Describer {
  readonly #checker: ts.TypeChecker
  readonly #codecs: CodecReader
  readonly #publicSymbols: ReadonlySet<ts.Symbol>

  constructor(checker: ts.TypeChecker, codecs: CodecReader, publicSymbols: ReadonlySet<ts.Symbol>) {
    this.#checker = checker
    this.#codecs = codecs
    this.#publicSymbols = publicSymbols
  }

  /** What there is to say of a symbol under the name that it is exported by. */
  describe(name: string, symbol: ts.Symbol): Item {
    const declarations = symbol.declarations ?? []
    const first = declarations[0]
    if (!first) throw new Error(`${name} is exported and declared nowhere`)
    const members = this.#membersOf(symbol, first)
    return {
      name,
      kind: kindOf(first),
      words: this.#wordsOf(symbol),
      examples: symbol
        .getJsDocTags(this.#checker)
        .filter((tag) => tag.name === 'example')
        .map(({ text }) => ts.displayPartsToString(text).trim()),
      code: this.#codeOf(name, symbol, first, members.length > 0),
      members,
    }
  }

  #codeOf(name: string, symbol: ts.Symbol, first: ts.Declaration, hasMembers: boolean): string {
    if (ts.isFunctionDeclaration(first))
      return this.#overloads(symbol)
        .map((text) => `function ${text}`)
        .join('\n')
    if (ts.isClassDeclaration(first)) {
      return `class ${name}${typeParametersText(first.typeParameters)}${heritageText(first.heritageClauses)}`
    }
    if (ts.isInterfaceDeclaration(first)) {
      return `interface ${name}${typeParametersText(first.typeParameters)}${heritageText(first.heritageClauses)}`
    }
    if (ts.isTypeAliasDeclaration(first)) return this.#aliasCode(name, first, hasMembers)
    const record = this.#codecs.typeNameOf(symbol)
    if (record) return `const ${name}: ObjectCodec<{ … }>\ntype ${record} = Infer<typeof ${name}>`
    const type = ts.isVariableDeclaration(first) && first.type ? textOf(first.type) : this.#typeText(symbol, first)
    return `const ${name}: ${type}`
  }

  #aliasCode(name: string, alias: ts.TypeAliasDeclaration, hasMembers: boolean): string {
    const head = `type ${name}${typeParametersText(alias.typeParameters)}`
    if (isWordOfList(alias.type)) return `${head} = ${onLines(this.#expanded(alias))}`
    const codec = this.#codecs.codecOf(alias)
    if (!codec) return `${head} = ${aliasTypeText(alias.type, hasMembers)}`
    const parts = [...this.#codecs.basesOf(codec), ...(hasMembers ? ['{ … }'] : [])]
    return `${head} = ${parts.length > 0 ? parts.join(' & ') : this.#expanded(alias)}`
  }

  /** Of a function whose overloads are declared, those alone. */
  #overloads({ declarations = [] }: ts.Symbol): readonly string[] {
    const functions = declarations.filter((each) => ts.isFunctionDeclaration(each) || ts.isMethodDeclaration(each))
    const declared = functions.filter(({ body }) => !body)
    return (declared.length > 0 ? declared : functions).map((each) => this.#signature(each.name?.getText() ?? '', each))
  }

  #signature(name: string, node: ts.SignatureDeclaration): string {
    const signature = this.#checker.getSignatureFromDeclaration(node)
    const returned = signature && this.#checker.typeToString(signature.getReturnType(), node)
    return signatureText(name, node, returned ?? null)
  }

  #membersOf(symbol: ts.Symbol, first: ts.Declaration): readonly Member[] {
    if (ts.isClassDeclaration(first)) return [...this.#constructors(first), ...this.#properties(symbol)]
    if (ts.isInterfaceDeclaration(first)) return [...this.#calls(first), ...this.#properties(symbol)]
    if (!ts.isTypeAliasDeclaration(first)) return []
    const codec = this.#codecs.codecOf(first)
    if (codec) return this.#codecMembers(codec)
    return isObjectLike(first.type) ? this.#properties(symbol) : []
  }

  #codecMembers(codec: ts.Symbol): readonly Member[] {
    return this.#codecs.fieldsOf(codec).map(({ key, node, type, isOptional }) => {
      const symbol = node.name && this.#checker.getSymbolAtLocation(node.name)
      const words = symbol ? this.#wordsOf(symbol) : ''
      return { name: key, code: `${key}${isOptional ? '?' : ''}: ${type}`, words, members: [] }
    })
  }

  #constructors(node: ts.ClassDeclaration): readonly Member[] {
    return node.members
      .filter(ts.isConstructorDeclaration)
      .filter((member) => isShown(member))
      .slice(0, 1)
      .map((member) => {
        const symbol = this.#checker.getSignatureFromDeclaration(member)
        const words = ts.displayPartsToString(symbol?.getDocumentationComment(this.#checker))
        const code = signatureText(`new ${node.name?.text ?? ''}`, member, null)
        return { name: 'constructor', code: code.replaceAll('\n', ' '), words, members: [] }
      })
  }

  #calls(node: ts.InterfaceDeclaration): readonly Member[] {
    return node.members.filter(ts.isCallSignatureDeclaration).map((member) => {
      const signature = this.#checker.getSignatureFromDeclaration(member)
      const words = ts.displayPartsToString(signature?.getDocumentationComment(this.#checker))
      return { name: 'call', code: this.#signature('', member).replaceAll('\n', ' '), words, members: [] }
    })
  }

  /** Its own, and what it has from types that are not in the reference themselves. */
  #properties(symbol: ts.Symbol): readonly Member[] {
    const type = this.#checker.getDeclaredTypeOfSymbol(symbol)
    const own = this.#checker.getPropertiesOfType(type).filter((property) => this.#isOwn(property, symbol))
    const statics = [...(symbol.exports?.values() ?? [])].filter(
      ({ flags }) => (flags & ts.SymbolFlags.Prototype) === 0,
    )
    return [...statics, ...own].flatMap((property) => this.#member(property, ''))
  }

  #isOwn({ declarations }: ts.Symbol, owner: ts.Symbol): boolean {
    const [first] = declarations ?? []
    if (!first?.getSourceFile().fileName.startsWith(`${root}packages/`)) return false
    const home = this.#checker.getSymbolAtLocation((first.parent as Partial<ts.NamedDeclaration>).name ?? first.parent)
    return !home || home === owner || !this.#publicSymbols.has(home)
  }

  #member(property: ts.Symbol, prefix: string): readonly Member[] {
    const [first] = property.declarations ?? []
    if (!first || !isShown(first)) return []
    const name = `${prefix}${property.name}`
    const words = this.#wordsOf(property)
    if (ts.isMethodDeclaration(first) || ts.isMethodSignature(first)) {
      const texts = ts.isMethodDeclaration(first) ? this.#overloads(property) : this.#methodTexts(property)
      return texts.map((code, index) => ({
        name: index === 0 ? name : `${name}-${index}`,
        code: staticMark(first) + code.replace(/\n\s*/g, ' ').replace('( ', '(').replace(/, \)/, ')'),
        words: index === 0 ? words : '',
        members: [],
      }))
    }
    return [{ name, code: this.#propertyCode(property, first), words, members: this.#nested(first, name) }]
  }

  #methodTexts(property: ts.Symbol): readonly string[] {
    return (property.declarations ?? [])
      .filter(ts.isMethodSignature)
      .map((each) => this.#signature(property.name, each))
  }

  #propertyCode(property: ts.Symbol, first: ts.Declaration): string {
    const isReadonly = (ts.getCombinedModifierFlags(first) & ts.ModifierFlags.Readonly) !== 0 || isGetterAlone(property)
    const mark = (property.flags & ts.SymbolFlags.Optional) === 0 ? '' : '?'
    const declared = (first as Partial<ts.PropertySignature>).type
    const type = declared ? declaredText(declared) : this.#typeText(property, first)
    return `${staticMark(first)}${isReadonly ? 'readonly ' : ''}${property.name}${mark}: ${type}`
  }

  #nested(first: ts.Declaration, name: string): readonly Member[] {
    const { type } = first as Partial<ts.PropertySignature>
    if (!type || !ts.isTypeLiteralNode(type)) return []
    return type.members.flatMap((member) => {
      const symbol = member.name && this.#checker.getSymbolAtLocation(member.name)
      return symbol ? this.#member(symbol, `${name}.`) : []
    })
  }

  #wordsOf(symbol: ts.Symbol): string {
    return ts.displayPartsToString(symbol.getDocumentationComment(this.#checker)).trim()
  }

  #typeText(symbol: ts.Symbol, at: ts.Declaration): string {
    return this.#checker.typeToString(this.#checker.getTypeOfSymbolAtLocation(symbol, at), at)
  }

  #expanded(alias: ts.TypeAliasDeclaration): string {
    const type = this.#checker.getTypeAtLocation(alias)
    return this.#checker.typeToString(type, alias, ts.TypeFormatFlags.InTypeAlias | ts.TypeFormatFlags.NoTruncation)
  }
}

function kindOf(node: ts.Declaration): ItemKind {
  if (ts.isFunctionDeclaration(node)) return 'function'
  if (ts.isClassDeclaration(node)) return 'class'
  return ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node) ? 'type' : 'constant'
}

/** `(typeof words)[number]` and `keyof typeof table`, which say less than the words do. */
function isWordOfList(type: ts.TypeNode): boolean {
  return /^(?:\(typeof \w+\)\[number\]|keyof typeof \w+)$/.test(textOf(type))
}

/** A union too wide for a line has a line for each part. */
function onLines(union: string): string {
  const parts = union.split(' | ')
  return union.length <= widest ? union : parts.map((part) => `\n  | ${part}`).join('')
}

/** A type whose members are worth a list: objects and what is made of them, not unions, functions and words. */
function isObjectLike(type: ts.TypeNode): boolean {
  if (ts.isTypeLiteralNode(type)) return true
  if (ts.isParenthesizedTypeNode(type)) return isObjectLike(type.type)
  return ts.isIntersectionTypeNode(type) && type.types.some(isObjectLike) && !type.types.some(hasUnion)
}

function hasUnion(type: ts.TypeNode): boolean {
  return ts.isUnionTypeNode(type) || (ts.isParenthesizedTypeNode(type) && hasUnion(type.type))
}

/** Nested objects are listed below their owner. */
function declaredText(type: ts.TypeNode): string {
  return ts.isTypeLiteralNode(type) ? '{ … }' : textOf(type)
}

/** Not what is private, `@internal`, or explained by a class that is built upon. */
function isShown(node: ts.Declaration): boolean {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected | ts.ModifierFlags.Override
  if ((ts.getCombinedModifierFlags(node) & hidden) !== 0) return false
  const { name } = node as Partial<ts.NamedDeclaration>
  if (name && ts.isPrivateIdentifier(name)) return false
  return !ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'internal')
}

function isGetterAlone({ flags }: ts.Symbol): boolean {
  return (flags & ts.SymbolFlags.GetAccessor) !== 0 && (flags & ts.SymbolFlags.SetAccessor) === 0
}

function staticMark(node: ts.Declaration): string {
  return (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Static) !== 0 ? 'static ' : ''
}
