/**
 * One declaration per record gives three things: its TypeScript type, the translation to and from the wire, and its JSON
 * schema. On the wire keys are snake_case, instants are ISO 8601 UTC and durations are seconds; in TypeScript keys are
 * camelCase, instants are epoch milliseconds and durations are milliseconds.
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }
/** A JSON schema of the dialect 2020-12, as the OpenAPI document holds it. */
export type JsonSchema = { readonly [key: string]: Json }

/** Both directions between a value and its place on the wire. The two undo each other. */
export interface Codec<T> {
  /** The value as it stands on the wire. Takes for granted that the value is of its type. */
  encode(value: T): Json
  /** Throws {@link DecodeError} when `input` is not what the protocol says. */
  decode(input: unknown, path?: string): T
  /** What the wire form looks like, for the OpenAPI document. */
  readonly schema: JsonSchema
}

/** A field whose wire name is not simply the snake_case of its key. */
export interface NamedField<T> extends Codec<T> {
  readonly wireName: string
}

/** A field that may be absent on both sides. */
export interface OptionalField<T> extends Codec<T> {
  readonly optional: true
}

/** The TypeScript type that a codec reads and writes. */
export type Infer<C> = C extends Codec<infer T> ? T : never

/** Something on the wire is not what the protocol says. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
  constructor(
    /** Where it stands, such as `tasks[0].created_at`; empty for the whole value. */
    readonly path: string,
    /** What should stand there, in words. */
    readonly expected: string,
  ) {
    super(`${path || 'value'}: expected ${expected}`)
  }
}

type Fields = { readonly [key: string]: Codec<never> | Codec<unknown> }
type OptionalKeys<F> = { [K in keyof F]: F[K] extends { readonly optional: true } ? K : never }[keyof F]
type Simplify<T> = { [K in keyof T]: T[K] } & {}
export type InferObject<F> = Simplify<
  { readonly [K in Exclude<keyof F, OptionalKeys<F>>]: Infer<F[K]> } & {
    readonly [K in OptionalKeys<F>]?: Infer<F[K]>
  }
>

export interface ObjectCodec<F extends Fields> extends Codec<InferObject<F>> {
  readonly fields: F
}

export const string: Codec<string> = primitive('string', (value) => typeof value === 'string')
export const boolean: Codec<boolean> = primitive('boolean', (value) => typeof value === 'boolean')
export const number: Codec<number> = primitive('number', (value) => Number.isFinite(value))
export const integer: Codec<number> = primitive('integer', (value) => Number.isInteger(value))

/** Epoch milliseconds ↔ `2026-01-31T09:30:00.000Z`. */
export const instant: Codec<number> = {
  encode: (value) => new Date(value).toISOString(),
  decode(input, path = '') {
    const value = typeof input === 'string' ? Date.parse(input) : Number.NaN
    if (Number.isNaN(value)) throw new DecodeError(path, 'an ISO 8601 instant')
    return value
  },
  schema: { type: 'string', format: 'date-time' },
}

/** Milliseconds ↔ seconds as a number. Rounded to whole microseconds so that both directions agree. */
export const seconds: Codec<number> = {
  encode: (value) => Math.round(value * 1e3) / 1e6,
  decode: (input, path = '') => Math.round(number.decode(input, path) * 1e6) / 1e3,
  schema: { type: 'number', description: 'seconds' },
}

/** Whatever JSON there is, untouched: its inner keys are data, not ours to rename. */
export const json: Codec<Json> = {
  encode: (value) => value,
  decode: (input) => input as Json,
  schema: {},
}

/** A closed list of words that readers must nevertheless survive when a newer writer adds one. */
export function openEnum<const W extends string>(words: readonly W[]): Codec<W | (string & {})> {
  return {
    encode: (value) => value,
    decode: (input, path = '') => string.decode(input, path),
    schema: { type: 'string', examples: [...words] },
  }
}

export function oneOf<const W extends string>(words: readonly W[]): Codec<W> {
  return {
    encode: (value) => value,
    decode(input, path = '') {
      const word = words.find((candidate) => candidate === input)
      if (word === undefined) throw new DecodeError(path, `one of ${words.join(', ')}`)
      return word
    },
    schema: { type: 'string', enum: [...words] },
  }
}

export function nullable<T>(inner: Codec<T>): Codec<T | null> {
  return {
    encode: (value) => (value === null ? null : inner.encode(value)),
    decode: (input, path = '') => (input === null || input === undefined ? null : inner.decode(input, path)),
    schema: { anyOf: [inner.schema, { type: 'null' }] },
  }
}

export function optional<T>(inner: Codec<T>): OptionalField<T> {
  return { ...inner, optional: true }
}

export function named<T>(wireName: string, inner: Codec<T>): NamedField<T> {
  return { ...inner, wireName }
}

export function array<T>(item: Codec<T>): Codec<readonly T[]> {
  return {
    encode: (values) => values.map((value) => item.encode(value)),
    decode(input, path = '') {
      if (!Array.isArray(input)) throw new DecodeError(path, 'a list')
      return input.map((value, index) => item.decode(value, `${path}[${index}]`))
    },
    schema: { type: 'array', items: item.schema },
  }
}

/** A map from free keys (tag names, statuses, function names) to values of one kind. */
export function dictionary<T>(item: Codec<T>): Codec<Readonly<Record<string, T>>> {
  const translate = <A, B>(entries: [string, A][], change: (value: A, key: string) => B): Record<string, B> =>
    Object.fromEntries(entries.map(([key, value]) => [key, change(value, key)]))
  return {
    encode: (value) => translate(Object.entries(value), (entry) => item.encode(entry)),
    decode(input, path = '') {
      if (!isObject(input)) throw new DecodeError(path, 'an object')
      return translate(Object.entries(input), (entry, key) => item.decode(entry, `${path}.${key}`))
    },
    schema: { type: 'object', additionalProperties: item.schema },
  }
}

export function object<F extends Fields>(fields: F): ObjectCodec<F> {
  const members = Object.entries(fields).map(([key, codec]) => member(key, codec as Codec<unknown>))
  return {
    fields,
    encode(value) {
      const wire: Record<string, Json> = {}
      for (const { key, wireName, codec, isOptional } of members) {
        const entry = (value as Record<string, unknown>)[key]
        if (entry === undefined && isOptional) continue
        wire[wireName] = codec.encode(entry)
      }
      return wire
    },
    decode(input, path = '') {
      if (!isObject(input)) throw new DecodeError(path, 'an object')
      const value: Record<string, unknown> = {}
      for (const { key, wireName, codec, isOptional } of members) {
        if (input[wireName] === undefined && isOptional) continue
        value[key] = codec.decode(input[wireName], path ? `${path}.${wireName}` : wireName)
      }
      return value as InferObject<F>
    },
    schema: {
      type: 'object',
      properties: Object.fromEntries(members.map(({ wireName, codec }) => [wireName, codec.schema])),
      required: members.filter(({ isOptional }) => !isOptional).map(({ wireName }) => wireName),
    },
  }
}

/** Adds fields to a record, as a detail adds to its summary. */
export function extend<A extends Fields, B extends Fields>(base: ObjectCodec<A>, fields: B): ObjectCodec<A & B> {
  return object({ ...base.fields, ...fields })
}

export function snakeCase(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function member(key: string, codec: Codec<unknown>) {
  const wireName = (codec as Partial<NamedField<unknown>>).wireName ?? snakeCase(key)
  return { key, wireName, codec, isOptional: (codec as Partial<OptionalField<unknown>>).optional === true }
}

function primitive<T extends Json>(type: string, accepts: (value: unknown) => boolean): Codec<T> {
  return {
    encode: (value) => value,
    decode(input, path = '') {
      if (!accepts(input)) throw new DecodeError(path, `a ${type}`)
      return input as T
    },
    schema: { type },
  }
}

function isObject(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input)
}
