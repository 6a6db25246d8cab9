import { ClientError, type Client } from '@taskloom/client'
import {
  serverRoutes,
  type FunctionDetail,
  type FunctionView,
  type JsonSchema,
  type TaskDetail,
} from '@taskloom/protocol'
import type { EnqueueSubject } from '../events.ts'
import { checkValue, type Issue } from '../form/check.ts'
import { hiddenPaths } from '../form/hidden.ts'
import type { Value } from '../form/json-text.ts'
import { inexactNumbers } from '../form/wire.ts'
import { loadPart } from '../parts.ts'

/** What the form is made from. */
export interface Ground {
  /** Null for a function that nobody here knows. */
  readonly definition: FunctionDetail | null
  /** The task to clone; null for a new one. */
  readonly original: TaskDetail | null
  /** To choose from, where no function is named. */
  readonly functions: readonly FunctionView[]
}

/** Asks for what the form is made from; null for nothing. */
export async function loadGround(
  client: Client,
  subject: EnqueueSubject | null,
  signal: AbortSignal,
): Promise<Ground | null> {
  if (!subject) return null
  const original = subject.clonedFrom ? await client.detail(subject.clonedFrom, { signal }) : null
  const name = original?.funcName ?? subject.funcName
  if (name === undefined) return { definition: null, original, functions: await client.functions({ signal }) }
  const [definition] = await Promise.all([loadDefinition(client, name, signal), loadPart('task-value-form')])
  return { definition, original, functions: [] }
}

/** The schema of the list of arguments; null where none is known. */
export function schemaOf({ definition }: Ground): JsonSchema | null {
  const schema = definition?.argsSchema ?? null
  return typeof schema === 'object' && schema !== null && !Array.isArray(schema) ? (schema as JsonSchema) : null
}

/** Whether it is a clone whose arguments are not shown, or not whole: it keeps them. */
export function keepsArguments({ original }: Ground): boolean {
  if (original === null) return false
  return original.truncated.includes('args') || !Array.isArray(original.args)
}

/** What is wrong with arguments as far as this page can tell; `typed` is what is no value yet. */
export function checkArguments(ground: Ground, value: Value, typed: readonly Issue[]): readonly Issue[] {
  if (keepsArguments(ground)) return []
  if (typed.length > 0) return typed
  if (!Array.isArray(value)) return [{ path: '', words: { text: 'The arguments must be a list' } }]
  const args = ground.original?.args as Value | undefined
  // What is hidden and was replaced is looked at like all else.
  const before = args === undefined ? new Set<string>() : hiddenPaths(args)
  const hidden = new Set([...hiddenPaths(value)].filter((path) => before.has(path)))
  return [...checkValue(value, schemaOf(ground), hidden), ...inexactNumbers(value)]
}

/** Older servers do not know the route, and others not the function: arguments are JSON then. */
async function loadDefinition(client: Client, name: string, signal: AbortSignal): Promise<FunctionDetail | null> {
  try {
    return await client.ask(serverRoutes.function, { at: { name }, signal })
  } catch (error) {
    if (error instanceof ClientError && [404, 409, 501].includes(error.problem.status)) return null
    throw error
  }
}
