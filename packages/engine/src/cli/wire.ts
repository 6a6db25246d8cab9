import { ClientError } from '@taskloom/client'
import type { Json, RouteName } from '@taskloom/protocol'
import type { Question } from './ask.ts'
import type { Server } from './server.ts'
import { countWords } from './words.ts'

/** A record as it came, for what is shown and not reckoned with: a newer server may say more or less. */
export type WireRow = Readonly<Record<string, Json>>

/** The records of an answer: the answer itself, or what stands under `key`. */
export function rowsOf(wire: Json, key: string): readonly WireRow[] {
  const list = Array.isArray(wire) ? (wire as readonly Json[]) : isRow(wire) ? wire[key] : null
  return Array.isArray(list) ? (list as readonly Json[]).filter(isRow) : []
}

/** What stands there, in words; `–` where nothing does. */
export function textAt(row: WireRow, key: string): string {
  const value = row[key]
  if (value === undefined || value === null) return '–'
  if (typeof value === 'number') return Number.isInteger(value) ? countWords(value) : value.toFixed(1)
  if (typeof value === 'string') return value
  return Array.isArray(value)
    ? value.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))).join(' ')
    : JSON.stringify(value)
}

/** The same, with digits as they are: for names that are numbers. */
export function nameAt(row: WireRow, key: string): string {
  const value = row[key]
  return typeof value === 'number' ? String(value) : textAt(row, key)
}

/** The number that stands there; null where none does. */
export function numberAt(row: WireRow, key: string): number | null {
  const value = row[key]
  return typeof value === 'number' ? value : null
}

/** The instant that stands there, epoch milliseconds; null where none does. */
export function instantAt(row: WireRow, key: string): number | null {
  const value = row[key]
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? null : at
}

/** An answer where there is one; null where the server does not offer it or the caller may not see it. */
export async function askIfOffered(server: Server, name: RouteName, question?: Question): Promise<Json> {
  try {
    return (await server.ask(name, question)).wire
  } catch (error) {
    if (error instanceof ClientError && notOffered.includes(error.problem.code)) return null
    throw error
  }
}

const notOffered: readonly string[] = ['unsupported', 'forbidden', 'not_found']

/** Whether it is a record. */
export function isRow(value: Json | undefined): value is WireRow {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
