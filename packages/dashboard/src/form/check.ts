import type { Words, WordTable } from '@taskloom/client'
import type { JsonSchema } from '@taskloom/protocol'
import { isSame, writeJson, type Value } from './json-text.ts'
import { pathWords } from './path.ts'
import { follow, isObject, schemasOf, type Path } from './schema.ts'

/** What is wrong with a value at one place. */
export interface Issue {
  /** As the protocol writes it: `[0].email`, `options.delay`. */
  readonly path: string
  readonly words: Words
}

const maxIssues = 100

/**
 * What a JSON Schema has against a value, as far as this knows its words: it never finds fault where there is none, and what
 * it does not know the server looks at. Places in `hidden` are what they were and not looked at.
 */
export function checkValue(
  value: Value,
  schema: JsonSchema | null,
  hidden: ReadonlySet<string> = nowhere,
): readonly Issue[] {
  const issues: Issue[] = []
  if (schema) new Checker(schema, hidden, issues).check(value, schema, [])
  return issues.slice(0, maxIssues)
}

const nowhere: ReadonlySet<string> = new Set()

class Checker {
  readonly #root: JsonSchema
  readonly #hidden: ReadonlySet<string>
  readonly #issues: Issue[]

  constructor(root: JsonSchema, hidden: ReadonlySet<string>, issues: Issue[]) {
    this.#root = root
    this.#hidden = hidden
    this.#issues = issues
  }

  check(value: Value, schema: JsonSchema | boolean, path: Path): void {
    if (this.#issues.length >= maxIssues || schema === true || path.length > 100) return
    if (this.#hidden.has(pathWords(path))) return
    if (schema === false) return this.#say(path, { text: 'Nothing is allowed here' })
    const meant = follow(schema, this.#root)
    if (meant === null) return
    if (!this.#checkType(value, meant, path)) return
    this.#checkWhole(value, meant, path)
    if (typeof value === 'string') this.#checkText(value, meant, path)
    if (typeof value === 'number' || typeof value === 'bigint') this.#checkNumber(value, meant, path)
    if (isList(value)) this.#checkList(value, meant, path)
    else if (isMembers(value)) this.#checkObject(value, meant, path)
    for (const part of schemasOf(meant['allOf'])) this.check(value, part, path)
    this.#checkBranches(value, meant, path)
  }

  #checkType(value: Value, { type }: JsonSchema, path: Path): boolean {
    const types = (Array.isArray(type) ? type : [type]).filter((each) => typeof each === 'string')
    if (types.length === 0 || types.some((each) => isOfType(value, each))) return true
    const [first = ''] = types
    this.#say(path, { text: typeWords[first as keyof typeof typeWords] ?? typeWords.other })
    return false
  }

  #checkWhole(value: Value, schema: JsonSchema, path: Path): void {
    const { enum: words } = schema
    if (Array.isArray(words) && !words.some((each) => isSame(each as Value, value)))
      this.#say(path, { text: 'Choose one of the values' })
    if ('const' in schema && !isSame(schema['const'], value)) {
      this.#say(path, {
        text: 'Expected {value}',
        values: { value: writeJson(schema['const']).slice(0, 100) },
      })
    }
  }

  #checkText(value: string, schema: JsonSchema, path: Path): void {
    // Schemas count code points.
    const length = [...value].length
    const { minLength, maxLength, pattern, format } = schema
    if (typeof minLength === 'number' && length < minLength) {
      if (length === 0) this.#say(path, { text: 'Write something here' })
      else this.#say(path, { text: 'At least {n} characters', values: { n: minLength }, one: 'At least {n} character' })
    }
    if (typeof maxLength === 'number' && length > maxLength) {
      this.#say(path, { text: 'At most {n} characters', values: { n: maxLength }, one: 'At most {n} character' })
    }
    if (typeof pattern === 'string' && !matches(value, pattern)) {
      this.#say(path, { text: 'Expected the form {pattern}', values: { pattern: pattern.slice(0, 200) } })
    }
    const wrong = typeof format === 'string' && Object.hasOwn(formats, format) ? formats[format] : undefined
    if (wrong && !wrong.fits(value)) this.#say(path, wrong.words)
  }

  #checkNumber(value: number | bigint, schema: JsonSchema, path: Path): void {
    const bound = (name: string): number | null => (typeof schema[name] === 'number' ? schema[name] : null)
    const least = bound('minimum')
    const above = bound('exclusiveMinimum')
    const most = bound('maximum')
    const below = bound('exclusiveMaximum')
    const step = bound('multipleOf')
    if (least !== null && value < least) this.#say(path, { text: 'At least {limit}', values: { limit: least } })
    if (above !== null && value <= above) this.#say(path, { text: 'More than {limit}', values: { limit: above } })
    if (most !== null && value > most) this.#say(path, { text: 'At most {limit}', values: { limit: most } })
    if (below !== null && value >= below) this.#say(path, { text: 'Less than {limit}', values: { limit: below } })
    if (step !== null && step > 0 && !isMultiple(Number(value), step))
      this.#say(path, { text: 'A multiple of {step}', values: { step } })
  }

  #checkList(value: readonly Value[], schema: JsonSchema, path: Path): void {
    const { minItems, maxItems, uniqueItems, items } = schema
    const first = (
      Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : Array.isArray(items) ? items : []
    ) as readonly (JsonSchema | boolean)[]
    const rest = (Array.isArray(items) ? schema['additionalItems'] : items) as JsonSchema | boolean | undefined
    if (typeof minItems === 'number' && value.length < minItems)
      this.#say(path, { text: 'At least {n} items', values: { n: minItems }, one: 'At least {n} item' })
    if (typeof maxItems === 'number' && value.length > maxItems)
      this.#say(path, { text: 'At most {n} items', values: { n: maxItems }, one: 'At most {n} item' })
    if (
      uniqueItems === true &&
      value.some((item, index) => value.slice(0, index).some((other) => isSame(item, other)))
    ) {
      this.#say(path, { text: 'Each item once' })
    }
    for (const [index, item] of value.entries()) {
      const own = first[index] ?? rest
      if (own !== undefined) this.check(item, own, [...path, index])
    }
  }

  #checkObject(value: Readonly<Record<string, Value>>, schema: JsonSchema, path: Path): void {
    const { properties, required, additionalProperties, minProperties, maxProperties } = schema
    const known = isObject(properties) ? properties : {}
    const names = Object.keys(value)
    for (const name of Array.isArray(required) ? required : []) {
      if (typeof name === 'string' && !Object.hasOwn(value, name))
        this.#say([...path, name], { text: 'This is needed' })
    }
    if (typeof minProperties === 'number' && names.length < minProperties)
      this.#say(path, { text: 'At least {n} names', values: { n: minProperties }, one: 'At least {n} name' })
    if (typeof maxProperties === 'number' && names.length > maxProperties)
      this.#say(path, { text: 'At most {n} names', values: { n: maxProperties }, one: 'At most {n} name' })
    for (const name of names) {
      const own = Object.hasOwn(known, name) ? known[name] : 'patternProperties' in schema ? true : additionalProperties
      if (own === false) this.#say([...path, name], { text: 'This name is not known' })
      else if (isObject(own)) this.check(value[name] ?? null, own, [...path, name])
    }
  }

  #checkBranches(value: Value, schema: JsonSchema, path: Path): void {
    const any = schemasOf(schema['anyOf'])
    const one = schemasOf(schema['oneOf'])
    for (const branches of [any, one]) {
      if (branches.length === 0) continue
      const tried = branches.map((branch) => this.#try(value, branch, path))
      if (tried.some((issues) => issues.length === 0)) continue
      // Of the nearest: what is wrong deep inside was meant so.
      const nearest = tried.reduce((best, issues) => (depthOf(issues) > depthOf(best) ? issues : best))
      this.#issues.push(...nearest)
    }
  }

  #try(value: Value, branch: JsonSchema, path: Path): readonly Issue[] {
    const issues: Issue[] = []
    new Checker(this.#root, this.#hidden, issues).check(value, branch, path)
    return issues
  }

  #say(path: Path, words: Words): void {
    this.#issues.push({ path: pathWords(path), words })
  }
}

/** Whether a value fits a schema, as far as this can tell. */
export function fits(value: Value, schema: JsonSchema | null, root: JsonSchema | null): boolean {
  if (!schema) return true
  const issues: Issue[] = []
  new Checker(root ?? schema, nowhere, issues).check(value, schema, [])
  return issues.length === 0
}

const typeWords = {
  string: 'This must be a text',
  number: 'This must be a number',
  integer: 'This must be a whole number',
  boolean: 'This must be true or false',
  array: 'This must be a list',
  object: 'This must be an object',
  null: 'This must be null',
  other: 'This is of another type',
} as const satisfies WordTable

const day = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/
const moment = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/

const formats: Readonly<Record<string, { readonly words: Words; readonly fits: (text: string) => boolean }>> = {
  date: {
    words: { text: 'A date such as 2026-03-31' },
    fits: (text) => day.test(text) && !Number.isNaN(Date.parse(text)),
  },
  'date-time': {
    words: { text: 'An instant such as 2026-03-31T09:30:00Z' },
    // A leap second is one, though JavaScript knows none.
    fits: (text) => moment.test(text) && !Number.isNaN(Date.parse(text.toUpperCase().replace(/:60/, ':59'))),
  },
  email: { words: { text: 'An address such as ann@example.com' }, fits: (text) => /^[^\s@]+@[^\s@]+$/.test(text) },
  uri: { words: { text: 'An address such as https://example.com' }, fits: (text) => /^[a-z][a-z0-9+.-]*:/i.test(text) },
  uuid: { words: { text: 'A UUID' }, fits: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text) },
}

function isOfType(value: Value, type: string): boolean {
  switch (type) {
    case 'integer':
      return typeof value === 'bigint' || Number.isInteger(value)
    case 'number':
      return typeof value === 'bigint' || typeof value === 'number'
    case 'array':
      return Array.isArray(value)
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    case 'null':
      return value === null
    default:
      return typeof value === type
  }
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

function isMembers(value: Value): value is { readonly [key: string]: Value } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A pattern that this browser does not read finds no fault. */
function matches(text: string, pattern: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text)
  } catch {
    return true
  }
}

/** 0.3 is a multiple of 0.1, whatever binary fractions say. */
function isMultiple(value: number, step: number): boolean {
  const times = value / step
  return Math.abs(times - Math.round(times)) < 1e-9 * Math.max(1, Math.abs(times))
}

function depthOf(issues: readonly Issue[]): number {
  return Math.max(0, ...issues.map(({ path }) => path.length))
}
