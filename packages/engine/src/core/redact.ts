import type { Json } from '@taskloom/protocol'
import { TaskError } from './errors.ts'
import { textOption } from './option.ts'

/** What is shown in place of a redacted value. */
export const redactedWord = '<redacted>'

const maxPaths = 100

/** Reads the option `redact`; throws `bad_option` that names the path at fault. */
export function parseRedact(paths: unknown): readonly string[] {
  if (!Array.isArray(paths) || paths.length > maxPaths) throw bad('redact', `a list of at most ${maxPaths} paths`)
  return paths.map((path, index) => parsePath(path, `redact[${index}]`))
}

/**
 * The arguments as they may be shown. A path is looked for in the list of arguments and in each argument, as a search
 * does: `0.token` is `token` of the first argument, `user.password` that of any, and `*` is any one step.
 */
export function redact(args: Json, paths: readonly string[]): Json {
  if (paths.length === 0 || !Array.isArray(args)) return args
  return paths.map((path) => path.split('.')).reduce<Json>(redactPath, args)
}

function redactPath(args: Json, path: readonly string[]): Json {
  const inList = hide(args, path)
  return Array.isArray(inList) ? inList.map((argument: Json) => hide(argument, path)) : inList
}

/** The value without what lies at the path; the very same where there is nothing. */
function hide(value: Json, path: readonly string[]): Json {
  const [step, ...rest] = path
  if (step === undefined) return redactedWord
  if (Array.isArray(value)) {
    return value.map((item: Json, index) => (step === '*' || step === String(index) ? hide(item, rest) : item))
  }
  if (typeof value !== 'object' || value === null) return value
  if (step !== '*' && !Object.hasOwn(value, step)) return value
  const entries = Object.entries(value).map(([key, inner]): [string, Json] => [
    key,
    step === '*' || step === key ? hide(inner, rest) : inner,
  ])
  return Object.fromEntries(entries)
}

function parsePath(path: unknown, option: string): string {
  const text = textOption(path, option, 300)
  if (text.split('.').some((step) => step === '')) throw bad(option, 'names or numbers with single dots between them')
  return text
}

function bad(option: string, expected: string): TaskError {
  return new TaskError('bad_option', { message: `${option}: expected ${expected}`, option })
}
