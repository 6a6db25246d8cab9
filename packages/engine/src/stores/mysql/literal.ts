import { DatabaseError, type Param, type Value } from '../sql/database.ts'
import { storable } from '../sql/text.ts'

const escapes: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\x1a': '\\Z',
  "'": "\\'",
  '\\': '\\\\',
}

/**
 * Writes values into a statement where its `?` are. Right only for connections in utf8mb4 whose `sql_mode` has no
 * NO_BACKSLASH_ESCAPES: see `session.ts`, which sees to it.
 */
export function withValues(sql: string, params: readonly Param[]): string {
  const parts = sql.split('?')
  if (parts.length !== params.length + 1) {
    throw new DatabaseError('refused', `The statement has ${parts.length - 1} parameters and got ${params.length}`)
  }
  return parts.map((part, place) => (place === 0 ? part : written(params[place - 1] ?? null) + part)).join('')
}

/** A value as a statement has it. */
export function literal(value: Value): string {
  if (value === null) return 'NULL'
  if (typeof value === 'number') return numberLiteral(value)
  return `'${storable(value).replace(/[\n\r\x1a'\\]/g, (character) => escapes[character] ?? character)}'`
}

/** A list that is empty has no value: comparing with NULL is never true. */
function written(param: Param): string {
  if (typeof param !== 'object' || param === null) return literal(param)
  return param.length === 0 ? 'NULL' : param.map(literal).join(', ')
}

/** With an exponent a fraction is a double, without one a decimal that is rounded elsewhere. */
function numberLiteral(value: number): string {
  if (!Number.isFinite(value)) throw new DatabaseError('refused', `${value} cannot be stored`)
  return Number.isSafeInteger(value) ? String(value) : value.toExponential()
}
