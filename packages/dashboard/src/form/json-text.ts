import type { WordTable } from '@taskloom/client'

/** JSON as it is edited: whole numbers that a `number` would round are big integers. */
export type Value = null | boolean | number | bigint | string | readonly Value[] | { readonly [key: string]: Value }

/** Why a text is no JSON, and where. */
export interface JsonFault {
  /** In English, to be said by whoever shows it. */
  readonly words: FaultWords
  /** 0-based place in the text. */
  readonly offset: number
  /** 1-based. */
  readonly line: number
  /** 1-based, in characters. */
  readonly column: number
}

/** What can be wrong with a text that is to be JSON. */
export const faultWords = [
  'A value is missing here',
  'The text ends too early',
  'This is no value of JSON',
  'A comma or a closing bracket is missing here',
  'A name in double quotes is missing here',
  'A colon is missing here',
  'There is something after the value',
  'This text has no closing quote',
  'This escape is not known in JSON',
  'Texts of JSON hold no line breaks: write \\n',
  'This is no number of JSON',
  'This number is too large',
  'This name is there twice',
  'This is nested too deep',
] as const satisfies WordTable

export type FaultWords = (typeof faultWords)[number]

/** A text that was read, or why it could not be. */
export type JsonReading = { readonly value: Value } | { readonly fault: JsonFault }

const maxDepth = 200
const space = /[ \t\n\r]*/y
const number = /-?(?:0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/y
const plain = /[^"\\\u0000-\u001f]*/y
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/** Reads strict JSON. Nothing is lost: big integers keep their digits, and a name that is there twice is a fault. */
export function readJson(text: string): JsonReading {
  try {
    return { value: new Reader(text).read() }
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    return { fault: placeOf(text, error.offset, error.words) }
  }
}

/** Writes what {@link readJson} reads; `indent` spaces per level, everything in one line by default. */
export function writeJson(value: Value, indent = 0): string {
  return write(value, indent, '')
}

/** The same value, whatever the order of names. */
export function isSame(one: Value | undefined, other: Value | undefined): boolean {
  if (Object.is(one, other)) return true
  if (typeof one !== 'object' || typeof other !== 'object' || !one || !other) return false
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const [left, right] = [one, other] as readonly Readonly<Record<string, Value>>[]
  const names = Object.keys(left ?? {})
  return (
    names.length === Object.keys(right ?? {}).length &&
    names.every((name) => Object.hasOwn(right ?? {}, name) && isSame(left?.[name], right?.[name]))
  )
}

class Fault extends Error {
  constructor(
    readonly offset: number,
    readonly words: FaultWords,
  ) {
    super(words)
  }
}

class Reader {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  read(): Value {
    const value = this.#value(0)
    this.#skip()
    if (this.#at < this.#text.length) throw new Fault(this.#at, 'There is something after the value')
    return value
  }

  #value(depth: number): Value {
    this.#skip()
    if (depth > maxDepth) throw new Fault(this.#at, 'This is nested too deep')
    const head = this.#text[this.#at]
    if (head === undefined)
      throw new Fault(this.#at, depth === 0 ? 'A value is missing here' : 'The text ends too early')
    if (head === '{') return this.#object(depth)
    if (head === '[') return this.#list(depth)
    if (head === '"') return this.#string()
    if (head === '-' || (head >= '0' && head <= '9')) return this.#number()
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (this.#text.startsWith(word, this.#at)) {
        this.#at += word.length
        return value
      }
    }
    throw new Fault(this.#at, ',]}:'.includes(head) ? 'A value is missing here' : 'This is no value of JSON')
  }

  #list(depth: number): Value {
    const items: Value[] = []
    this.#at += 1
    if (this.#takes(']')) return items
    do items.push(this.#value(depth + 1))
    while (this.#goesOn(']'))
    return items
  }

  #object(depth: number): Value {
    const members = new Map<string, Value>()
    this.#at += 1
    if (this.#takes('}')) return {}
    do {
      this.#skip()
      const start = this.#at
      if (this.#text[start] !== '"')
        throw new Fault(
          start,
          start >= this.#text.length ? 'The text ends too early' : 'A name in double quotes is missing here',
        )
      const name = this.#string()
      if (members.has(name)) throw new Fault(start, 'This name is there twice')
      if (!this.#takes(':')) throw new Fault(this.#at, 'A colon is missing here')
      members.set(name, this.#value(depth + 1))
    } while (this.#goesOn('}'))
    // Defines names such as `__proto__` as members like any other.
    return Object.fromEntries(members)
  }

  #goesOn(end: string): boolean {
    if (this.#takes(end)) return false
    if (this.#takes(',')) return true
    throw new Fault(
      this.#at,
      this.#at >= this.#text.length ? 'The text ends too early' : 'A comma or a closing bracket is missing here',
    )
  }

  #string(): string {
    const start = this.#at
    let result = ''
    this.#at += 1
    for (;;) {
      result += this.#match(plain)
      const head = this.#text[this.#at]
      if (head === '"') {
        this.#at += 1
        return result
      }
      if (head === undefined) throw new Fault(start, 'This text has no closing quote')
      if (head !== '\\') throw new Fault(this.#at, 'Texts of JSON hold no line breaks: write \\n')
      result += this.#escape()
    }
  }

  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? ''
    const code = /^[0-9a-f]{4}$/i.exec(letter === 'u' ? this.#text.slice(this.#at + 2, this.#at + 6) : '')
    const meant = code ? String.fromCharCode(parseInt(code[0], 16)) : escapes[letter]
    if (meant === undefined) throw new Fault(this.#at, 'This escape is not known in JSON')
    this.#at += code ? 6 : 2
    return meant
  }

  #number(): Value {
    const start = this.#at
    const digits = this.#match(number)
    if (digits === '' || /[\w.+-]/.test(this.#text[this.#at] ?? '')) throw new Fault(start, 'This is no number of JSON')
    const value = Number(digits)
    if (!Number.isFinite(value)) throw new Fault(start, 'This number is too large')
    return /^-?\d+$/.test(digits) && !Number.isSafeInteger(value) ? wholeNumber(digits) : value
  }

  #takes(mark: string): boolean {
    this.#skip()
    if (this.#text[this.#at] !== mark) return false
    this.#at += 1
    return true
  }

  #skip(): void {
    this.#match(space)
  }

  #match(pattern: RegExp): string {
    pattern.lastIndex = this.#at
    const [found = ''] = pattern.exec(this.#text) ?? []
    this.#at += found.length
    return found
  }
}

/** A number where that says the same, such as 2 to the power of 60. */
export function wholeNumber(digits: string): number | bigint {
  const exact = BigInt(digits)
  const value = Number(exact)
  return Number.isSafeInteger(value) || String(value) === String(exact) ? value : exact
}

function placeOf(text: string, offset: number, words: FaultWords): JsonFault {
  const before = text.slice(0, offset).split('\n')
  return { words, offset, line: before.length, column: (before.at(-1) ?? '').length + 1 }
}

function write(value: Value, indent: number, margin: string): string {
  if (typeof value === 'bigint') return String(value)
  if (Object.is(value, -0)) return '-0'
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const inner = margin + ' '.repeat(indent)
  const isList = Array.isArray(value)
  const parts = isList
    ? (value as readonly Value[]).map((item) => write(item, indent, inner))
    : Object.entries(value).map(
        ([name, item]) => `${JSON.stringify(name)}:${indent ? ' ' : ''}${write(item, indent, inner)}`,
      )
  const [open, close] = isList ? ['[', ']'] : ['{', '}']
  if (parts.length === 0) return open + close
  if (indent === 0) return open + parts.join(',') + close
  return `${open}\n${parts.map((part) => inner + part).join(',\n')}\n${margin}${close}`
}
