import { ProtocolError } from '@taskloom/protocol'

const maxDepth = 64

/**
 * `JSON.parse` that also refuses what two readers may understand differently (a key given twice) and what only an
 * attacker sends (nesting deeper than 64).
 */
export function parseStrictJson(text: string): unknown {
  assertDepth(text)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    throw bad('The body is not JSON')
  }
  assertDistinctKeys(text)
  return value
}

function assertDepth(text: string): void {
  let depth = 0
  for (const token of readTokens(text)) {
    if (token === '{' || token === '[') depth += 1
    else if (token === '}' || token === ']') depth -= 1
    if (depth > maxDepth) throw bad(`The body is nested deeper than ${maxDepth}`)
  }
}

/** Only for text that is known to be JSON: there a string before a colon is a key. */
function assertDistinctKeys(text: string): void {
  const open: Set<string>[] = []
  let lastString = ''
  for (const token of readTokens(text)) {
    if (token === '{' || token === '[') open.push(new Set())
    else if (token === '}' || token === ']') open.pop()
    else if (token === ':') addKey(open.at(-1), JSON.parse(lastString) as string)
    else lastString = token
  }
}

function addKey(keys: Set<string> | undefined, key: string): void {
  if (keys?.has(key)) throw bad('The body gives a key twice')
  keys?.add(key)
}

/** Brackets, colons and whole strings, in one pass whatever the text is. */
function* readTokens(text: string): Generator<string> {
  for (let index = 0; index < text.length; index += 1) {
    const letter = text[index] as string
    if (letter === '"') {
      const end = endOfString(text, index)
      yield text.slice(index, end)
      index = end - 1
    } else if ('{}[]:'.includes(letter)) yield letter
  }
}

function endOfString(text: string, start: number): number {
  for (let index = start + 1; index < text.length; index += 1) {
    if (text[index] === '\\') index += 1
    else if (text[index] === '"') return index + 1
  }
  return text.length
}

function bad(detail: string): ProtocolError {
  return new ProtocolError('bad_body', detail)
}
