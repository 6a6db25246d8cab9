import ts from 'typescript'

/** The field of a record of the protocol: its key, where it is written, and its type in TypeScript's words. */
export interface CodecField {
  readonly key: string
  readonly node: ts.ObjectLiteralElementLike
  readonly type: string
  readonly isOptional: boolean
}

const plain: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'boolean',
  number: 'number',
  integer: 'number',
  instant: 'number',
  seconds: 'number',
  json: 'Json',
}

/**
 * Reads records out of their codecs. A record's type is inferred from its codec, and inference forgets what is written of
 * each field.
 */
export class CodecReader {
  readonly #checker: ts.TypeChecker
  /** Names of the types that are inferred from a codec. */
  readonly #typeNames: ReadonlyMap<ts.Symbol, string>

  constructor(checker: ts.TypeChecker, aliases: readonly ts.TypeAliasDeclaration[]) {
    this.#checker = checker
    this.#typeNames = new Map(
      aliases.flatMap((alias) => {
        const codec = this.codecOf(alias)
        return codec ? [[codec, alias.name.text] as const] : []
      }),
    )
  }

  /** The codec of `type X = Infer<typeof x>`; null for any other type. */
  codecOf({ type }: ts.TypeAliasDeclaration): ts.Symbol | null {
    if (!ts.isTypeReferenceNode(type) || type.typeName.getText() !== 'Infer') return null
    const [argument] = type.typeArguments ?? []
    return argument && ts.isTypeQueryNode(argument) ? this.#symbolOf(argument.exprName) : null
  }

  /** The name of the type that is inferred from the codec of a record; undefined for anything else. */
  typeNameOf(codec: ts.Symbol): string | undefined {
    const call = initializerOf(codec)
    return call && isCallOf(call, ['object', 'extend']) ? this.#typeNames.get(codec) : undefined
  }

  /** The fields that a codec adds to those that it extends. */
  fieldsOf(codec: ts.Symbol): readonly CodecField[] {
    const call = initializerOf(codec)
    if (!call || !isCallOf(call, ['object', 'extend'])) return []
    return call.arguments
      .filter(ts.isObjectLiteralExpression)
      .flatMap(({ properties }) => properties)
      .map((node) => this.#fieldOf(node))
  }

  /** The types whose fields a codec has, too. */
  basesOf(codec: ts.Symbol): readonly string[] {
    const call = initializerOf(codec)
    if (!call || !isCallOf(call, ['extend'])) return []
    return call.arguments.filter(ts.isIdentifier).flatMap((base) => this.#nameOf(base) ?? [])
  }

  #fieldOf(node: ts.ObjectLiteralElementLike): CodecField {
    const value = ts.isPropertyAssignment(node) ? node.initializer : node.name
    const isOptional = value !== undefined && ts.isExpression(value) && isCallOf(value, ['optional'])
    const type = value && ts.isExpression(value) ? this.#typeOf(value) : 'unknown'
    return { key: node.name?.getText() ?? '', node, type, isOptional }
  }

  /** What a codec reads, as it would be written by hand. */
  #typeOf(codec: ts.Expression): string {
    if (ts.isIdentifier(codec)) return this.#nameOf(codec) ?? plain[codec.text] ?? this.#inferred(codec)
    if (!ts.isCallExpression(codec)) return this.#inferred(codec)
    const inner = codec.arguments.at(-1)
    if (!inner) return this.#inferred(codec)
    if (isCallOf(codec, ['nullable'])) return `${this.#typeOf(inner)} | null`
    if (isCallOf(codec, ['optional', 'named'])) return this.#typeOf(inner)
    if (isCallOf(codec, ['array'])) return `readonly ${inBrackets(this.#typeOf(inner))}[]`
    if (isCallOf(codec, ['dictionary'])) return `Readonly<Record<string, ${this.#typeOf(inner)}>>`
    return this.#inferred(codec)
  }

  #inferred(codec: ts.Expression): string {
    const type = this.#checker.getTypeAtLocation(codec)
    const decode = type.getProperty('decode')
    const read = decode && this.#checker.getTypeOfSymbol(decode).getCallSignatures()[0]?.getReturnType()
    return this.#checker.typeToString(read ?? type, undefined, ts.TypeFormatFlags.NoTruncation)
  }

  #nameOf(codec: ts.Identifier): string | undefined {
    const symbol = this.#symbolOf(codec)
    return symbol ? this.#typeNames.get(symbol) : undefined
  }

  #symbolOf(node: ts.Node): ts.Symbol | null {
    const symbol = this.#checker.getSymbolAtLocation(node)
    if (!symbol) return null
    return (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : this.#checker.getAliasedSymbol(symbol)
  }
}

function initializerOf({ valueDeclaration }: ts.Symbol): ts.Expression | undefined {
  return valueDeclaration && ts.isVariableDeclaration(valueDeclaration) ? valueDeclaration.initializer : undefined
}

function isCallOf(node: ts.Expression, names: readonly string[]): node is ts.CallExpression {
  return ts.isCallExpression(node) && ts.isIdentifier(node.expression) && names.includes(node.expression.text)
}

function inBrackets(type: string): string {
  return type.includes('|') || type.includes('&') ? `(${type})` : type
}
