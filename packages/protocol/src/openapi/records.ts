import type { Json, JsonSchema } from '../codec.ts'
import { loginAnswer, sessionView } from '../identity.ts'
import { panelView } from '../panels.ts'
import { problem } from '../problem.ts'
import {
  attempt,
  logEntry,
  logPage,
  metrics,
  progress,
  taskDetail,
  taskPage,
  taskProgress,
  taskSummary,
} from '../task.ts'
import {
  bulkAnswer,
  capabilities,
  deletedAnswer,
  functionView,
  health,
  panelEntry,
  queueCount,
  scheduleView,
  taskAnswer,
  timeline,
  typeStats,
} from '../views.ts'

/** Records that the document names, so that a generated client has types of these names. */
export const namedRecords: Readonly<Record<string, { readonly schema: JsonSchema }>> = {
  Attempt: attempt,
  BulkAnswer: bulkAnswer,
  Capabilities: capabilities,
  DeletedAnswer: deletedAnswer,
  FunctionView: functionView,
  Health: health,
  LogEntry: logEntry,
  LogPage: logPage,
  LoginAnswer: loginAnswer,
  Metrics: metrics,
  PanelEntry: panelEntry,
  PanelView: panelView,
  Problem: problem,
  Progress: progress,
  QueueCount: queueCount,
  ScheduleView: scheduleView,
  SessionView: sessionView,
  TaskAnswer: taskAnswer,
  TaskDetail: taskDetail,
  TaskPage: taskPage,
  TaskProgress: taskProgress,
  TaskSummary: taskSummary,
  Timeline: timeline,
  TypeStats: typeStats,
}

const nameOf = new Map(Object.entries(namedRecords).map(([name, { schema }]) => [schema, name]))

/** All of {@link namedRecords}, each referring to the others. */
export function describeRecords(): Readonly<Record<string, Json>> {
  return Object.fromEntries(Object.entries(namedRecords).map(([name, { schema }]) => [name, unfold(schema)]))
}

/** A schema as the document holds it: known records by reference, null as one of the types. */
export function describeSchema(schema: JsonSchema): JsonSchema {
  const name = nameOf.get(schema)
  return name === undefined ? unfold(schema) : { $ref: `#/components/schemas/${name}` }
}

function unfold(schema: JsonSchema): JsonSchema {
  const entries = Object.entries(schema).map(([key, value]) => [key, describeWithin(key, value)])
  return asTypes(Object.fromEntries(entries) as JsonSchema)
}

function describeWithin(key: string, value: Json): Json {
  if (key === 'properties') {
    return Object.fromEntries(
      Object.entries(value as JsonSchema).map(([name, inner]) => [name, describeSchema(inner as JsonSchema)]),
    )
  }
  if (key === 'anyOf' || key === 'oneOf') return (value as readonly JsonSchema[]).map(describeSchema)
  const isSchema = key === 'items' || key === 'additionalProperties'
  return isSchema && typeof value === 'object' ? describeSchema(value as JsonSchema) : value
}

/** `anyOf` of a plain type and null is one schema of two types. */
function asTypes(schema: JsonSchema): JsonSchema {
  const choices = schema['anyOf'] as readonly JsonSchema[] | undefined
  const [inner, other] = choices ?? []
  if (choices?.length !== 2 || other?.['type'] !== 'null' || typeof inner?.['type'] !== 'string') return schema
  const words = inner['enum'] as readonly Json[] | undefined
  return { ...inner, type: [inner['type'], 'null'], ...(words ? { enum: [...words, null] } : {}) }
}
