import type { Json, JsonSchema } from '@taskloom/protocol'
import { TaskError } from './errors.ts'
import type { StandardSchema } from './standard-schema.ts'

/** A form is made of it in a browser: what is longer as text is none. */
const maxSchemaLength = 65_536

/** Reads the option `argsSchema`; throws `bad_option` when it is no JSON Schema of ours. */
export function parseArgsSchema(option: unknown): JsonSchema {
  const schema = isObject(option) ? plainObject(option) : null
  if (schema !== null) return schema
  const message = `argsSchema: expected a JSON Schema, an object of plain JSON with at most ${maxSchemaLength} characters`
  throw new TaskError('bad_option', { message, option: 'argsSchema' })
}

/**
 * A Standard Schema as a JSON Schema of the list of arguments, if it can write itself: as Standard JSON Schema, or by a
 * method `toJSONSchema` or `toJsonSchema`. Null where it cannot, fails, or is too long. Never throws.
 */
export function writeArgsSchema(schema: StandardSchema): JsonSchema | null {
  for (const write of writers) {
    try {
      const written = plainObject(write(schema as Writable))
      if (written !== null) return written
    } catch {
      // Libraries refuse what JSON Schema has no word for, such as a transform.
    }
  }
  return null
}

interface Writable {
  readonly '~standard': { readonly jsonSchema?: { readonly input?: (options: { readonly target: string }) => unknown } }
  readonly toJSONSchema?: () => unknown
  readonly toJsonSchema?: () => unknown
}

const writers: readonly ((schema: Writable) => unknown)[] = [
  (schema) => schema['~standard'].jsonSchema?.input?.({ target: 'draft-2020-12' }),
  (schema) => schema.toJSONSchema?.(),
  (schema) => schema.toJsonSchema?.(),
]

function plainObject(value: unknown): JsonSchema | null {
  if (!isObject(value)) return null
  try {
    const text = JSON.stringify(value)
    return text.length <= maxSchemaLength ? asObject(JSON.parse(text) as Json) : null
  } catch {
    return null
  }
}

/** What says of itself how it is written, as a Date does, may be no object any more. */
function asObject(value: Json): JsonSchema | null {
  return isObject(value) ? value : null
}

function isObject(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
