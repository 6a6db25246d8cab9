import { anyTask, type FunctionDetail, type FunctionEntry, type JsonSchema } from '@taskloom/protocol'
import { writeArgsSchema } from '../core/args-schema.ts'
import type { Definition } from '../core/definition.ts'
import { longestDelayMs } from '../core/retry.ts'
import { readServing, type Serving } from './fleet.ts'
import type { SourceParts } from './parts.ts'

export async function readFunctions(parts: SourceParts): Promise<readonly FunctionEntry[]> {
  const serving = await readServing(parts, parts.clock.now())
  return Promise.all(parts.registry.definitions().map((definition) => viewFunction(parts, definition, serving)))
}

/** One function with the schema of its arguments; null when it is not defined here. */
export async function readFunction(parts: SourceParts, name: string): Promise<FunctionDetail | null> {
  const definition = parts.registry.find(name)
  if (!definition) return null
  const entry = await viewFunction(parts, definition, await readServing(parts, parts.clock.now()))
  return { ...entry, argsSchema: argsSchemaOf(definition) }
}

async function viewFunction(
  { store, registry, maxPending }: SourceParts,
  definition: Definition,
  serving: readonly Serving[],
): Promise<FunctionEntry> {
  const { name, executor, policy, timeoutMs, concurrency, rateLimit, eager, request } = definition
  const registeredIn = serving.filter(({ funcNames }) => funcNames.includes(name)).length
  return {
    funcName: name,
    queue: request.queue,
    executor,
    retries: policy.retries,
    delay: policy.delayMs,
    backoff: policy.backoff,
    maxDelay: policy.maxDelayMs === longestDelayMs ? null : policy.maxDelayMs,
    jitter: policy.jitter,
    timeout: timeoutMs,
    priority: request.priority ?? null,
    concurrency,
    persist: store.supports.persistence,
    eager,
    requeueOnInterrupt: policy.requeueOnInterrupt,
    schedule: registry.findSchedule(name) ? name : null,
    stats: await store.views.metrics({ ...anyTask, funcNames: [name] }),
    description: definition.description,
    rateLimit: rateLimit && { max: rateLimit.max, per: rateLimit.perMs },
    maxPending,
    maxInterruptions: policy.maxInterruptions,
    hasRetryPolicy: definition.retryPolicy !== null,
    hasRetryIf: definition.retryIf !== null,
    checksArgs: definition.args !== null,
    hasArgsSchema: argsSchemaOf(definition) !== null,
    redact: request.redact ?? [],
    registeredIn,
    liveWorkers: serving.length,
    drift: registeredIn > 0 && registeredIn < serving.length,
  }
}

/** Written once: a library may take its time. */
const written = new WeakMap<Definition, JsonSchema | null>()

function argsSchemaOf(definition: Definition): JsonSchema | null {
  const known = written.get(definition)
  if (known !== undefined) return known
  const { args, argsSchema } = definition
  const schema = argsSchema ?? (args === null ? null : writeArgsSchema(args))
  written.set(definition, schema)
  return schema
}
