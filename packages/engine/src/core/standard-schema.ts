import { TaskError } from './errors.ts'
import { oneLine } from './text.ts'

/** The part of a schema that https://standardschema.dev agrees upon; Zod, Valibot, ArkType and others have it. */
export interface StandardSchema {
  /** The agreed part; everything else of a schema is its own. */
  readonly '~standard': {
    readonly version: 1
    /** Who made the schema. */
    readonly vendor: string
    /** Looks at the list of a task’s arguments; what it gives back is stored in their place. */
    readonly validate: (value: unknown) => SchemaResult | Promise<SchemaResult>
  }
}

/** What a schema makes of a value: the value to go on with, or what is wrong with it. */
export type SchemaResult =
  /** What to go on with. */
  | { readonly value: unknown; readonly issues?: undefined }
  /** What is wrong; at least one. */
  | { readonly issues: readonly SchemaIssue[] }

/** What a schema has against a value. */
export interface SchemaIssue {
  /** What is wrong, in words. */
  readonly message: string
  /** The way to the fault, key by key; absent or empty for the whole value. */
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined
}

/** What `bad_argument` lists in `details.issues`: where, such as `[0].email`, and what is wrong there. */
export interface ArgumentIssue {
  /** Where, from the list of arguments on; empty for the list itself. */
  readonly path: string
  /** What the schema says of it. */
  readonly message: string
}

const maxIssues = 20
const toldIssues = 3

/** Throws `bad_option` when there is no schema in it. */
export function parseSchema(schema: unknown): StandardSchema {
  const isHolder = (typeof schema === 'object' && schema !== null) || typeof schema === 'function'
  const standard = isHolder ? (schema as Partial<StandardSchema>)['~standard'] : undefined
  if (standard?.version === 1 && typeof standard.validate === 'function') return schema as StandardSchema
  throw new TaskError('bad_option', { message: 'args: expected a Standard Schema (version 1)', option: 'args' })
}

/**
 * The list of arguments as the schema gives it, at once if the schema answers at once. Throws or rejects with
 * `bad_argument`, also when the schema itself fails.
 */
export function checkArgs(
  schema: StandardSchema,
  funcName: string,
  args: readonly unknown[],
): readonly unknown[] | Promise<readonly unknown[]> {
  try {
    const answer = schema['~standard'].validate(args)
    if (!isThenable(answer)) return readResult(funcName, answer)
    return Promise.resolve(answer).then(
      (result) => readResult(funcName, result),
      (cause: unknown) => Promise.reject(schemaFailed(funcName, cause)),
    )
  } catch (error) {
    throw error instanceof TaskError ? error : schemaFailed(funcName, error)
  }
}

function readResult(funcName: string, result: unknown): readonly unknown[] {
  if (typeof result !== 'object' || result === null) throw schemaFailed(funcName, new TypeError('It gave no result'))
  const { issues, value } = result as { readonly issues?: unknown; readonly value?: unknown }
  if (issues !== undefined && issues !== null) throw refusal(funcName, readIssues(issues))
  if (Array.isArray(value)) return value as readonly unknown[]
  throw schemaFailed(funcName, new TypeError('It gave something other than a list of arguments'))
}

function refusal(funcName: string, issues: readonly ArgumentIssue[]): TaskError {
  const words = issues.slice(0, toldIssues).map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))
  if (issues.length > toldIssues) words.push('…')
  const message = `The arguments of ${funcName} do not fit its schema: ${words.join('; ')}`
  return new TaskError('bad_argument', { message: oneLine(message, 1_000), funcName, issues })
}

function schemaFailed(funcName: string, cause: unknown): TaskError {
  const words = cause instanceof Error ? cause.message : 'unknown reason'
  const message = oneLine(`The schema of ${funcName} failed: ${words}`, 1_000)
  return new TaskError('bad_argument', { message, funcName, issues: [] }, { cause })
}

function readIssues(issues: unknown): readonly ArgumentIssue[] {
  if (!Array.isArray(issues) || issues.length === 0) return [{ path: '', message: 'The schema does not say why' }]
  return issues.slice(0, maxIssues).map((issue) => {
    const { message, path } = (issue ?? {}) as { readonly message?: unknown; readonly path?: unknown }
    return {
      path: oneLine(pathText(path), 300),
      message: oneLine(typeof message === 'string' ? message : 'Not as expected', 300),
    }
  })
}

/** `[0].email` for the member `email` of the first argument. */
function pathText(path: unknown): string {
  if (!Array.isArray(path)) return ''
  return path
    .slice(0, 32)
    .map((step: unknown) => {
      const key = typeof step === 'object' && step !== null ? (step as { readonly key?: unknown }).key : step
      return typeof key === 'number' || /^\d+$/.test(String(key)) ? `[${String(key)}]` : `.${String(key)}`
    })
    .join('')
}

function isThenable(answer: unknown): answer is PromiseLike<SchemaResult> {
  return typeof answer === 'object' && answer !== null && typeof (answer as { then?: unknown }).then === 'function'
}
