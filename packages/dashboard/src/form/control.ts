import type { Words } from '@taskloom/client'
import { readJson, writeJson, type Value } from './json-text.ts'
import type { Shape } from './schema.ts'

/** What a control makes of the text in it. */
export type Reading = { readonly value: Value } | { readonly words: Words }

/** The kind of control that shows a value as it is; `json` where the one of the schema would change it. */
export function controlFor(shape: Shape, value: Value | undefined): Shape['kind'] {
  const isEmpty = value === undefined || value === null
  switch (shape.kind) {
    case 'text':
      // Browsers write line ends anew.
      return isEmpty || (typeof value === 'string' && !/[\r\0]/.test(value)) ? 'text' : 'json'
    case 'number':
      return isEmpty || typeof value === 'number' || typeof value === 'bigint' ? 'number' : 'json'
    case 'truth':
      return isEmpty || typeof value === 'boolean' ? 'truth' : 'json'
    case 'list':
      return isEmpty || Array.isArray(value) ? 'list' : 'json'
    case 'object':
      return isEmpty || (typeof value === 'object' && !Array.isArray(value)) ? 'object' : 'json'
    default:
      return shape.kind
  }
}

/** The text of a control; {@link readControl} makes the same value of it. */
export function writeControl(kind: Shape['kind'], value: Value | undefined): string {
  if (value === undefined) return ''
  if (kind === 'json') return writeJson(value, 2)
  if (value === null) return ''
  return kind === 'text' && typeof value === 'string' ? value : writeJson(value)
}

/** The value that a text in a control stands for. */
export function readControl(kind: Shape['kind'], text: string): Reading {
  if (kind === 'text') return { value: text }
  const trimmed = text.trim()
  const reading = readJson(trimmed)
  if (kind === 'number') {
    if ('value' in reading && (typeof reading.value === 'number' || typeof reading.value === 'bigint')) return reading
    return { words: { text: trimmed === '' ? 'Write a number' : 'This is no number: write it as 1200.5' } }
  }
  if ('value' in reading) return reading
  const { words, line, column } = reading.fault
  return { words: { text: 'Line {line}, column {column}: {fault}', values: { line, column, fault: words } } }
}
