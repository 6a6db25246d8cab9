import { readFileSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** A text of the page as it is written in the code, which is the key of its translations. */
export interface SaidText {
  readonly text: string
  /** Whether something is counted: the translation has forms by plural category. */
  readonly isCounted: boolean
  readonly at: string
}

/** A text that a reader would see in English whatever the language: it goes past `say`. */
export interface UnsaidText {
  readonly text: string
  readonly at: string
}

const root = fileURLToPath(new URL('../../', import.meta.url))

/** Every text that the packages of the page say, by where it is said. */
export async function collectTexts(): Promise<{ said: readonly SaidText[]; unsaid: readonly UnsaidText[] }> {
  const said: SaidText[] = []
  const unsaid: UnsaidText[] = []
  for (const folder of ['client', 'dashboard']) {
    for (const path of await filesBelow(`packages/${folder}/src`)) {
      const text = readFileSync(`${root}${path}`, 'utf8')
      const found = readTexts(path, text)
      said.push(...found.said)
      unsaid.push(...found.unsaid)
    }
  }
  return { said, unsaid }
}

/** What one file says. Pure. */
export function readTexts(path: string, code: string): { said: readonly SaidText[]; unsaid: readonly UnsaidText[] } {
  const source = ts.createSourceFile(path, code, ts.ScriptTarget.ES2022, true)
  const said: SaidText[] = []
  const unsaid: UnsaidText[] = []
  const visit = (node: ts.Node): void => {
    const at = `${path}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1}`
    for (const entry of readNode(node)) said.push({ ...entry, at })
    for (const text of readTemplate(node)) unsaid.push({ text, at })
    ts.forEachChild(node, visit)
  }
  visit(source)
  return { said, unsaid }
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(`${root}${folder}`, { recursive: true })
  return entries
    .filter((entry) => entry.endsWith('.ts') && !entry.startsWith('locales'))
    .map((entry) => `${folder}/${entry}`)
    .sort()
}

function readNode(node: ts.Node): readonly Omit<SaidText, 'at'>[] {
  if (ts.isCallExpression(node)) return readCall(node)
  if (ts.isSatisfiesExpression(node) && node.type.getText() === 'WordTable') {
    return tableIn(node.expression).filter(({ text }) => text !== '')
  }
  if (ts.isObjectLiteralExpression(node)) return readWords(node)
  return []
}

/** `say('…')`, `sayCount(n, 'one', 'many')`, however they are reached. */
function readCall({ expression, arguments: given }: ts.CallExpression): readonly Omit<SaidText, 'at'>[] {
  const name = ts.isPropertyAccessExpression(expression) ? expression.name.text : expression.getText()
  if (name === 'say' && given[0]) return literalsOf(given[0]).map((text) => ({ text, isCounted: false }))
  if (name === 'sayCount' && given[2]) return literalsOf(given[2]).map((text) => ({ text, isCounted: true }))
  return []
}

/** `{ text: '…', one: '…' }`: words that are told later. */
function readWords(node: ts.ObjectLiteralExpression): readonly Omit<SaidText, 'at'>[] {
  const valueOf = (name: string) =>
    node.properties.find(
      (each): each is ts.PropertyAssignment => ts.isPropertyAssignment(each) && each.name.getText() === name,
    )?.initializer
  const text = valueOf('text')
  if (!text) return []
  const isCounted = valueOf('one') !== undefined
  return literalsOf(text)
    .filter((each) => /[a-z]/i.test(each) && /\s/.test(each))
    .map((each) => ({ text: each, isCounted }))
}

/** The text, or both of a condition's. */
function literalsOf(node: ts.Expression): readonly string[] {
  if (ts.isStringLiteralLike(node)) return [node.text]
  if (ts.isParenthesizedExpression(node)) return literalsOf(node.expression)
  if (ts.isConditionalExpression(node)) return [...literalsOf(node.whenTrue), ...literalsOf(node.whenFalse)]
  return []
}

/** The texts of a table; a pair that counts is one text. */
function tableIn(node: ts.Node): readonly Omit<SaidText, 'at'>[] {
  if (ts.isArrayLiteralExpression(node)) {
    const [one, many, ...others] = node.elements.map((each) => (ts.isStringLiteralLike(each) ? each.text : ''))
    const isPair = one?.includes('{n}') && many?.includes('{n}') && others.length === 0
    if (isPair && many) return [{ text: many, isCounted: true }]
  }
  if (ts.isPropertyAssignment(node)) return tableIn(node.initializer)
  if (ts.isStringLiteralLike(node)) return [{ text: node.text, isCounted: false }]
  const found: Omit<SaidText, 'at'>[] = []
  ts.forEachChild(node, (child) => void found.push(...tableIn(child)))
  return found
}

/** Entities, JSON's own words and names of keys are the same in every language. */
const notWords = /^\0?\s*(?:&\w+;|null|\(Esc\))$/
const shownAttributes = /\b(?:aria-label|aria-description|title|placeholder|alt|label|heading|text)="([^"]*)"/g

/** Letters between the tags of a template, and in attributes that are read. */
function readTemplate(node: ts.Node): readonly string[] {
  if (!ts.isTaggedTemplateExpression(node) || node.tag.getText() !== 'html') return []
  const { template } = node
  const code = ts.isNoSubstitutionTemplateLiteral(template)
    ? template.text
    : [template.head.text, ...template.templateSpans.map(({ literal }) => literal.text)].join('\u0000')
  const attributes = [...code.matchAll(shownAttributes)].map(([, value = '']) => value)
  const between = code
    .replace(/<!--[^]*?-->/g, '')
    .replace(/<(kbd|code|pre)\b[^>]*>[^<]*<\/\1>/g, '')
    .replace(/<[^>]*>/g, '\u0000')
    .split('\u0000')
  return [...between, ...attributes]
    .map((text) => text.trim())
    .filter((text) => /\p{L}{2,}/u.test(text) && !notWords.test(text))
}
