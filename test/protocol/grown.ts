import type { Json, JsonSchema } from '../../packages/protocol/src/codec.ts'

/** A word that no list has yet. */
export const newWord = 'word_of_tomorrow'

/**
 * An answer that a schema describes, as a newer server of the same version of the protocol may write it: with fields that
 * nobody knows, at every place, and with a new word wherever the list of words is open.
 */
export function grown(schema: JsonSchema): Json {
  const { anyOf, enum: words, examples, properties, additionalProperties, items } = schema
  if (anyOf) return grown((anyOf as readonly JsonSchema[])[0] ?? {})
  if (words) return (words as readonly Json[])[0] ?? null
  if (examples) return newWord
  if (properties) return grownObject(properties as Readonly<Record<string, JsonSchema>>)
  if (additionalProperties) return { [newWord]: grown(additionalProperties as JsonSchema) }
  if (items) return [grown(items as JsonSchema)]
  return plain(schema)
}

function grownObject(properties: Readonly<Record<string, JsonSchema>>): Json {
  const known = Object.entries(properties).map(([name, member]) => [name, grown(member)] as const)
  return { ...Object.fromEntries(known), field_of_tomorrow: { deep: [newWord] } }
}

function plain({ type, format }: JsonSchema): Json {
  if (format === 'date-time') return '2026-01-31T09:30:00.000Z'
  const kind = Array.isArray(type) ? (type as readonly Json[])[0] : type
  if (kind === 'string') return 'text'
  if (kind === 'boolean') return true
  if (kind === 'integer') return 1
  if (kind === 'number') return 0.5
  return null
}

/** Where a schema has a closed list of words: a reader does not understand another one there. */
export function closedPlaces(schema: JsonSchema, path = ''): readonly string[] {
  const { anyOf, enum: words, properties, additionalProperties, items } = schema
  if (words) return [path]
  if (anyOf) return (anyOf as readonly JsonSchema[]).flatMap((each) => closedPlaces(each, path))
  const inside = additionalProperties ?? items
  if (inside) return closedPlaces(inside as JsonSchema, `${path}[]`)
  return Object.entries((properties ?? {}) as Readonly<Record<string, JsonSchema>>).flatMap(([name, member]) =>
    closedPlaces(member, path ? `${path}.${name}` : name),
  )
}
