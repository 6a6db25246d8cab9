import ts from 'typescript'

/** Characters of a line of code before it is broken. */
export const widest = 96

/** A signature without its body: `name<T>(a: A, b?: B): R`, a parameter to a line where it would be too long. */
export function signatureText(
  name: string,
  { typeParameters, parameters, type }: ts.SignatureDeclarationBase,
  returned: string | null,
): string {
  const result = type ? textOf(type) : returned
  const head = `${name}${typeParametersText(typeParameters)}`
  const tail = result === null ? '' : `: ${result}`
  const parts = parameters.map(parameterText)
  const line = `${head}(${parts.join(', ')})${tail}`
  if (line.length <= widest || parts.length === 0) return line
  return `${head}(\n${parts.map((part) => `  ${part},\n`).join('')})${tail}`
}

/** `<A, B extends C = D>`; empty without any. */
export function typeParametersText(parameters: readonly ts.TypeParameterDeclaration[] | undefined): string {
  return parameters && parameters.length > 0 ? `<${parameters.map(textOf).join(', ')}>` : ''
}

/** `extends A, B`, with a space before it; empty without any. */
export function heritageText(clauses: readonly ts.HeritageClause[] | undefined): string {
  return (clauses ?? []).map((clause) => ` ${textOf(clause)}`).join('')
}

/** The source of a type on one line, without comments. */
export function textOf(node: ts.Node): string {
  return withoutComments(node).replace(/\s+/g, ' ').trim()
}

/**
 * The declared type of an alias. The bodies of its object types are left out when they are listed beside it; a union
 * keeps its lines and what is said of its parts.
 */
export function aliasTypeText(type: ts.TypeNode, hasMembers: boolean): string {
  if (hasMembers) return bodiesLeftOut(type)
  const text = type.getFullText().trim()
  if (!text.includes('\n')) return text
  const lines = text.split('\n')
  const indents = lines
    .slice(1)
    .filter((line) => line.trim() !== '')
    .map((line) => line.search(/\S/))
  const indent = Math.max(0, Math.min(...indents) - 2)
  return `\n  ${lines.map((line, index) => (index === 0 ? line : line.slice(indent))).join('\n')}`
}

function bodiesLeftOut(type: ts.TypeNode): string {
  const bodies: ts.Node[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isTypeLiteralNode(node)) bodies.push(node)
    else ts.forEachChild(node, visit)
  }
  visit(type)
  const source = type.getSourceFile().text
  let text = ''
  let at = type.getStart()
  for (const body of bodies) {
    text += `${source.slice(at, body.getStart())}{ … }`
    at = body.getEnd()
  }
  return (text + source.slice(at, type.getEnd()))
    .replace(/\/\*.*?\*\//gs, '')
    .replace(/\s+/g, ' ')
    .trim()
}

function parameterText(parameter: ts.ParameterDeclaration): string {
  const dots = parameter.dotDotDotToken ? '...' : ''
  const name = ts.isIdentifier(parameter.name) ? parameter.name.text : 'options'
  const mark = (parameter.questionToken ?? parameter.initializer) ? '?' : ''
  return `${dots}${name}${mark}${parameter.type ? `: ${textOf(parameter.type)}` : ''}`
}

const printer = ts.createPrinter({ removeComments: true })

function withoutComments(node: ts.Node): string {
  return printer.printNode(ts.EmitHint.Unspecified, node, node.getSourceFile())
}
