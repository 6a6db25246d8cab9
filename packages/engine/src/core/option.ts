import { TaskError } from './errors.ts'

/** Throws `bad_option` for the first option that is not known: a typo must not be silently without effect. */
export function rejectUnknown(options: unknown, known: readonly string[]): void {
  if (typeof options !== 'object' || options === null) throw bad('options', 'an object')
  for (const option of Object.keys(options)) {
    if (known.includes(option)) continue
    throw new TaskError('bad_option', {
      message: `${option} is not an option here; there are ${known.join(', ')}`,
      option,
    })
  }
}

export function integerOption(value: unknown, option: string, min: number, max: number): number {
  if (Number.isInteger(value) && (value as number) >= min && (value as number) <= max) return value as number
  throw bad(option, `a whole number from ${min} to ${max}`)
}

export function numberOption(value: unknown, option: string, min: number, max: number): number {
  if (typeof value === 'number' && value >= min && value <= max) return value
  throw bad(option, `a number from ${min} to ${max}`)
}

export function flagOption(value: unknown, option: string): boolean {
  if (typeof value === 'boolean') return value
  throw bad(option, 'true or false')
}

export function functionOption<F>(value: F, option: string): F {
  if (typeof value === 'function') return value
  throw bad(option, 'a function')
}

/** A text that is not empty, not longer than `maxLength` and free of NUL and lone surrogates. */
export function textOption(value: unknown, option: string, maxLength: number): string {
  if (typeof value !== 'string' || value === '') throw bad(option, 'a text')
  if (value.length > maxLength) throw bad(option, `at most ${maxLength} characters`)
  if (/[\0\p{Surrogate}]/u.test(value)) throw bad(option, 'a text without NUL and lone surrogates')
  return value
}

function bad(option: string, expected: string): TaskError {
  return new TaskError('bad_option', { message: `${option}: expected ${expected}`, option })
}
