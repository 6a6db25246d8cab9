import type { Json } from '@taskloom/protocol'
import { cutText } from './text.ts'

export interface ViewLimits {
  readonly maxDepth: number
  /** How many values in all. */
  readonly maxValues: number
  readonly maxTextLength: number
}

export const viewLimits: ViewLimits = { maxDepth: 32, maxValues: 20_000, maxTextLength: 1_048_576 }
export const extraLimits: ViewLimits = { maxDepth: 6, maxValues: 200, maxTextLength: 2_048 }

/**
 * Any value as JSON for a person to read: dates as ISO text, big integers as digits, maps as objects, and words in angle
 * brackets for what has no JSON form. Bounded, and never throws.
 */
export function toJsonView(value: unknown, limits: ViewLimits = viewLimits): Json {
  const walk = { limits, left: limits.maxValues, path: new Set<object>() }
  return view(value, walk)
}

interface Walk {
  readonly limits: ViewLimits
  left: number
  readonly path: Set<object>
}

function view(value: unknown, walk: Walk): Json {
  try {
    walk.left -= 1
    if (walk.left < 0) return '<more>'
    if (typeof value === 'object' && value !== null) return viewObject(value, walk)
    return viewPrimitive(value, walk)
  } catch {
    return '<unreadable>'
  }
}

function viewPrimitive(value: unknown, { limits }: Walk): Json {
  if (typeof value === 'string') return cutText(value, limits.maxTextLength)
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value)
  if (typeof value === 'boolean') return value
  if (typeof value === 'bigint') return String(value)
  if (typeof value === 'function') return '<function>'
  if (typeof value === 'symbol') return '<symbol>'
  return null
}

function viewObject(value: object, walk: Walk): Json {
  if (walk.path.has(value)) return '<cycle>'
  if (walk.path.size >= walk.limits.maxDepth) return '<deeper>'
  walk.path.add(value)
  try {
    return viewMembers(value, walk)
  } finally {
    walk.path.delete(value)
  }
}

function viewMembers(value: object, walk: Walk): Json {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? '<invalid date>' : value.toISOString()
  if (value instanceof RegExp || value instanceof URL) return String(value)
  if (value instanceof Error) return cutText(`${value.name}: ${value.message}`, walk.limits.maxTextLength)
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `<${value.byteLength} bytes>`
  if (value instanceof Map)
    return viewEntries(
      [...value].map(([key, entry]) => [String(key), entry as unknown]),
      walk,
    )
  if (value instanceof Set) return viewList([...value], walk)
  if (Array.isArray(value)) return viewList(value, walk)
  return viewEntries(Object.entries(value), walk)
}

function viewList(items: readonly unknown[], walk: Walk): Json {
  const list: Json[] = []
  for (const item of items) {
    list.push(view(item, walk))
    if (walk.left < 0) break
  }
  return list
}

function viewEntries(entries: readonly (readonly [string, unknown])[], walk: Walk): Json {
  const shown: [string, Json][] = []
  for (const [key, entry] of entries) {
    shown.push([cutText(key, 300), view(entry, walk)])
    if (walk.left < 0) break
  }
  return Object.fromEntries(shown)
}
