import type { JsonSchema } from '@taskloom/protocol'
import type { Value } from './json-text.ts'

/** Where in a value: names and positions. */
export type Path = readonly (string | number)[]

/** What a form asks for at one place, told from a JSON Schema. */
export interface Field {
  readonly title: string | null
  readonly description: string | null
  /** What stands there at first; undefined without. */
  readonly initial: Value | undefined
  readonly isNullable: boolean
  readonly shape: Shape
  /** What it was told from, its references followed; null asks for anything. */
  readonly schema: JsonSchema | null
}

/** A member of an object or one of the arguments. */
export interface Member {
  readonly name: string
  readonly isRequired: boolean
  readonly field: Field
}

/** How something is asked for. */
export type Shape =
  | {
      readonly kind: 'text'
      readonly format: string | null
      readonly isLong: boolean
      readonly examples: readonly string[]
    }
  | { readonly kind: 'number'; readonly isWhole: boolean }
  | { readonly kind: 'truth' }
  | { readonly kind: 'choice'; readonly values: readonly Value[] }
  | { readonly kind: 'fixed'; readonly value: Value }
  /** `first` are the items with a place of their own; null for `rest` allows no others. */
  | {
      readonly kind: 'list'
      readonly first: readonly Member[]
      readonly rest: (() => Field) | null
      readonly least: number
      readonly most: number
    }
  /** Null for `others` offers no more names, though JSON may hold some. */
  | { readonly kind: 'object'; readonly members: readonly Member[]; readonly others: (() => Field) | null }
  | { readonly kind: 'either'; readonly fields: readonly Field[] }
  /** What no form is made of. */
  | { readonly kind: 'json' }

/** Says what a schema means at one place; null is anything. References outside `root` are anything. */
export function readField(schema: JsonSchema | boolean | null, root: JsonSchema | null): Field {
  const meant = schema === null || typeof schema === 'boolean' ? null : follow(schema, root)
  if (meant === null) return anything
  const nullable = withoutNull(meant)
  const inner = (nullable && follow(nullable, root)) ?? meant
  let known: Shape | null = null
  return {
    title: textOf(meant['title']) ?? textOf(inner['title']),
    description: textOf(meant['description']) ?? textOf(inner['description']),
    initial: valueOf(meant['default']) ?? valueOf(inner['default']),
    isNullable: nullable !== null,
    // Later, because a schema may hold itself.
    get shape() {
      return (known ??= shapeOf(inner, root))
    },
    schema: meant,
  }
}

/** A value to begin with: defaults, constants and what is required, empty where nothing is known. */
export function initialValue(field: Field, depth = 0): Value | undefined {
  const { shape, initial, isNullable } = field
  if (initial !== undefined) return initial
  if (isNullable) return null
  if (depth > 8) return undefined
  switch (shape.kind) {
    case 'fixed':
      return shape.value
    case 'object':
      return Object.fromEntries(
        shape.members.flatMap(({ name, isRequired, field: inner }) => {
          const value = isRequired || inner.initial !== undefined ? initialValue(inner, depth + 1) : undefined
          return value === undefined ? [] : [[name, value] as const]
        }),
      )
    case 'list': {
      const first = shape.first
        .filter(({ isRequired }) => isRequired)
        .map(({ field: inner }) => initialValue(inner, depth + 1))
      return trimmed(first).map((value) => value ?? null)
    }
    case 'either':
      return shape.fields[0] && initialValue(shape.fields[0], depth + 1)
    default:
      return undefined
  }
}

export function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The schemas in a list. */
export function schemasOf(value: unknown): readonly JsonSchema[] {
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** A schema with its reference followed, inside the document only; null when it leads nowhere. */
export function follow(schema: JsonSchema, root: JsonSchema | null): JsonSchema | null {
  let meant = schema
  for (let steps = 0; typeof meant['$ref'] === 'string'; steps += 1) {
    const target = steps < 16 ? pointTo(root, meant['$ref']) : null
    if (target === null) return null
    const { $ref: _, ...beside } = meant
    meant = { ...target, ...beside }
  }
  return meant
}

const anything: Field = {
  title: null,
  description: null,
  initial: undefined,
  isNullable: false,
  shape: { kind: 'json' },
  schema: null,
}

const mostShown = 200

function shapeOf(schema: JsonSchema, root: JsonSchema | null): Shape {
  if ('const' in schema) return { kind: 'fixed', value: schema['const'] as Value }
  if (Array.isArray(schema['enum'])) return { kind: 'choice', values: schema['enum'] as readonly Value[] }
  // What holds under a condition, or besides, is no form that a person could read.
  if (['allOf', 'not', 'if', 'patternProperties', '$dynamicRef', 'dependentSchemas'].some((name) => name in schema)) {
    return { kind: 'json' }
  }
  const branches = schemasOf(schema['oneOf'] ?? schema['anyOf'])
  if (branches.length > 0) {
    const { oneOf: _, anyOf: __, title: ___, description: ____, default: _____, ...shared } = schema
    if (Object.keys(shared).some((name) => !name.startsWith('$'))) return { kind: 'json' }
    return { kind: 'either', fields: branches.map((branch) => readField(branch, root)) }
  }
  const types = typesOf(schema)
  if (types.length > 1) {
    const { title: _, description: __, default: ___, ...bare } = schema
    return { kind: 'either', fields: types.map((type) => readField({ ...bare, type }, root)) }
  }
  switch (types[0]) {
    case 'string':
      return textShape(schema)
    case 'number':
    case 'integer':
      return { kind: 'number', isWhole: types[0] === 'integer' }
    case 'boolean':
      return { kind: 'truth' }
    case 'null':
      return { kind: 'fixed', value: null }
    case 'array':
      return listShape(schema, root)
    case 'object':
      return objectShape(schema, root)
    default:
      return { kind: 'json' }
  }
}

function textShape(schema: JsonSchema): Shape {
  const longest = schema['maxLength']
  const examples = Array.isArray(schema['examples'])
    ? schema['examples'].filter((each) => typeof each === 'string')
    : []
  const isLong = typeof longest === 'number' && longest > 300
  return { kind: 'text', format: textOf(schema['format']), isLong, examples: examples.slice(0, 20) }
}

function listShape(schema: JsonSchema, root: JsonSchema | null): Shape {
  const { items } = schema
  // Before 2020 the items with a place of their own were `items`.
  const first = schemasOf(schema['prefixItems'] ?? (Array.isArray(items) ? items : []))
  const others = Array.isArray(items) ? schema['additionalItems'] : items
  const least = sizeOf(schema['minItems']) ?? 0
  const most = sizeOf(schema['maxItems']) ?? Infinity
  return {
    kind: 'list',
    first: first.slice(0, mostShown).map((item, index) => {
      const field = readField(item, root)
      return { name: String(index), isRequired: index < least, field }
    }),
    rest: others === false || most <= first.length ? null : () => readField(isObject(others) ? others : null, root),
    least,
    most,
  }
}

function objectShape(schema: JsonSchema, root: JsonSchema | null): Shape {
  const { properties, required, additionalProperties } = schema
  const known = Object.entries(isObject(properties) ? properties : {})
  const isRequired = (name: string) => Array.isArray(required) && required.includes(name)
  if (known.length > mostShown) return { kind: 'json' }
  const others = additionalProperties === false || (additionalProperties === undefined && known.length > 0)
  return {
    kind: 'object',
    members: known.map(([name, member]) => ({
      name,
      isRequired: isRequired(name),
      field: readField(isObject(member) ? member : null, root),
    })),
    others: others ? null : () => readField(isObject(additionalProperties) ? additionalProperties : null, root),
  }
}

/** The schema of everything but null, for one that takes null beside one other thing; null for all others. */
function withoutNull(schema: JsonSchema): JsonSchema | null {
  const types = typesOf(schema)
  if (types.includes('null') && types.length > 1 && !('enum' in schema) && !('const' in schema)) {
    return { ...schema, type: types.filter((type) => type !== 'null') }
  }
  const name = 'oneOf' in schema ? 'oneOf' : 'anyOf'
  const branches = schemasOf(schema[name])
  const others = branches.filter(({ type }) => type !== 'null')
  if (branches.length - others.length !== 1 || others.length === 0) return null
  const { [name]: _, ...shared } = schema
  const only = others[0]
  return others.length === 1 && only ? { ...shared, ...only } : { ...shared, [name]: others }
}

function typesOf({ type, properties, items, prefixItems }: JsonSchema): readonly string[] {
  if (typeof type === 'string') return [type]
  if (Array.isArray(type)) return type.filter((each) => typeof each === 'string')
  if (isObject(properties)) return ['object']
  return isObject(items) || Array.isArray(prefixItems) ? ['array'] : []
}

function pointTo(root: JsonSchema | null, reference: string): JsonSchema | null {
  if (root === null || !/^#(\/|$)/.test(reference)) return null
  let place: unknown = root
  for (const step of reference
    .slice(2)
    .split('/')
    .filter((each) => each !== '')) {
    const name = decode(step).replaceAll('~1', '/').replaceAll('~0', '~')
    if (typeof place !== 'object' || place === null || !Object.hasOwn(place, name)) return null
    place = (place as Readonly<Record<string, unknown>>)[name]
  }
  return isObject(place) ? place : null
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** Without what is unknown at the end. */
function trimmed<T>(values: readonly (T | undefined)[]): readonly (T | undefined)[] {
  let { length } = values
  while (length > 0 && values[length - 1] === undefined) length -= 1
  return values.slice(0, length)
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' && value !== '' ? value.slice(0, 1_000) : null
}

function sizeOf(value: unknown): number | null {
  return typeof value === 'number' && value >= 0 ? value : null
}

function valueOf(value: unknown): Value | undefined {
  return value as Value | undefined
}
