import { parse, stringify } from 'devalue'
import type { Json } from '@taskloom/protocol'
import { TaskError } from './errors.ts'
import { isInstance } from './instance.ts'
import { toJsonView } from './json-view.ts'
import { cleanText } from './text.ts'

/**
 * Arguments and results as text: plain JSON where nothing is lost by it, otherwise `devalue:` and the form of that
 * library, which keeps dates, maps, sets, big integers, byte arrays, `undefined` and cycles.
 */
export const maxArgsBytes = 1_048_576
export const maxResultBytes = 262_144
const richPrefix = 'devalue:'
/** No arguments. */
const packedNothing = '[]'
const nothing: readonly unknown[] = Object.freeze([])
const noResult: PackedResult = Object.freeze({ text: null, loss: null })

/** Throws `bad_argument` when the arguments cannot be kept, or are larger than 1 MiB as text. */
export function packArgs(args: readonly unknown[]): string {
  if (args.length === 0) return packedNothing
  const text = pack(args)
  if (text === null) {
    throw new TaskError('bad_argument', {
      message: `Argument ${faultyArgument(args)} cannot be stored: pass plain data`,
    })
  }
  if (!fits(text, maxArgsBytes)) {
    throw new TaskError('bad_argument', {
      message: `The arguments are larger than ${maxArgsBytes} bytes: pass a reference to them instead`,
    })
  }
  return text
}

/** The arguments as they were given to {@link packArgs}. Throws when the text is none of ours. */
export function unpackArgs(text: string): readonly unknown[] {
  if (text === packedNothing) return nothing
  const args = unpack(text)
  if (!Array.isArray(args)) throw new TypeError('The stored arguments are not a list')
  return args as readonly unknown[]
}

export interface PackedResult {
  readonly text: string | null
  /** Why what is kept is not what was returned; null when it is. */
  readonly loss: string | null
}

/** A result that was packed where it was returned, in a worker. */
export class PackedElsewhere implements PackedResult {
  constructor(
    readonly text: string | null,
    readonly loss: string | null,
  ) {}
}

/**
 * Never throws and never fails a task that did its work: a result without a stored form becomes null, an instance of a
 * class its plain members, and one of more than 256 KiB the beginning of its text; `loss` says so.
 */
export function packResult(value: unknown): PackedResult {
  if (value === undefined || value === null) return noResult
  if (isInstance(value, PackedElsewhere)) return value
  const text = pack(value) ?? packLossy(value)
  if (text === null) return { text: null, loss: 'The result cannot be stored as data' }
  if (fits(text, maxResultBytes)) return { text, loss: null }
  const beginning = JSON.stringify(cleanText(text.slice(0, maxResultBytes / 4)))
  return {
    text: beginning,
    loss: `The result is larger than ${maxResultBytes} bytes: only the beginning of its text is kept`,
  }
}

/** What a packed result stands for; what has no stored form, such as null, is undefined. */
export function openResult({ text }: PackedResult): unknown {
  return text === null ? undefined : unpack(text)
}

/** Stored text as JSON to show; what is not ours is shown as it is. */
export function showPacked(text: string | null): Json {
  if (text === null) return null
  try {
    return text.startsWith(richPrefix) ? toJsonView(unpack(text)) : (JSON.parse(text) as Json)
  } catch {
    return text
  }
}

function pack(value: unknown): string | null {
  try {
    if (isPlainJson(value)) return JSON.stringify(value)
    return richPrefix + cleanText(stringify(value))
  } catch {
    return null
  }
}

function packLossy(value: unknown): string | null {
  try {
    if (typeof value === 'function') return null
    // Typed as text, but undefined for what JSON has no word for.
    const text: string | undefined = JSON.stringify(value)
    return text ?? null
  } catch {
    return null
  }
}

function unpack(text: string): unknown {
  return text.startsWith(richPrefix) ? parse(text.slice(richPrefix.length)) : (JSON.parse(text) as unknown)
}

function faultyArgument(args: readonly unknown[]): number {
  return (
    Math.max(
      0,
      args.findIndex((argument) => pack(argument) === null),
    ) + 1
  )
}

function fits(text: string, maxBytes: number): boolean {
  if (text.length * 3 <= maxBytes) return true
  return text.length <= maxBytes && new TextEncoder().encode(text).length <= maxBytes
}

const maxPlainDepth = 60
const maxPlainValues = 100_000

/** Whether JSON gives the value back as it was. Values that are shared very often or nested very deep are left to devalue. */
function isPlainJson(value: unknown): boolean {
  return isPlain(value, 0, { left: maxPlainValues })
}

function isPlain(value: unknown, depth: number, budget: { left: number }): boolean {
  budget.left -= 1
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return true
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0)
  if (typeof value !== 'object' || budget.left < 0 || depth > maxPlainDepth) return false
  return Array.isArray(value) ? isPlainList(value, depth, budget) : isPlainObject(value, depth, budget)
}

function isPlainList(list: readonly unknown[], depth: number, budget: { left: number }): boolean {
  for (let index = 0; index < list.length; index += 1) if (!isPlain(list[index], depth + 1, budget)) return false
  return true
}

function isPlainObject(object: object, depth: number, budget: { left: number }): boolean {
  const prototype: unknown = Object.getPrototypeOf(object)
  if (prototype !== Object.prototype || 'toJSON' in object) return false
  for (const key of Object.keys(object)) {
    if (!isPlain((object as Record<string, unknown>)[key], depth + 1, budget)) return false
  }
  return Object.getOwnPropertySymbols(object).length === 0
}
