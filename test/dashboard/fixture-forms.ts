import type { EnqueueIssue, Json, JsonSchema, TaskSummary } from '@taskloom/protocol'
import { functionsOf } from './fixture-views.ts'

/** What the forms of the page ask of a server: a function with the schema of its arguments, and what it says of a draft. */
export interface FormAnswers {
  /** Schemas of arguments by function; a function without one has none. */
  readonly schemas?: Readonly<Record<string, JsonSchema>>
  /** What the server has against a draft. */
  issues?: readonly EnqueueIssue[]
}

export const chargeSchema: JsonSchema = {
  type: 'array',
  minItems: 1,
  prefixItems: [
    {
      type: 'object',
      title: 'Payment',
      required: ['order', 'currency'],
      properties: {
        order: { type: 'integer', title: 'Order', description: 'The number on the receipt', minimum: 1 },
        currency: { enum: ['EUR', 'USD'], title: 'Currency' },
        cents: { type: 'integer', minimum: 1 },
        card: { type: 'string' },
        note: { type: ['string', 'null'], maxLength: 20 },
        due: { type: 'string', format: 'date' },
        lines: { type: 'array', items: { type: 'string' } },
        method: {
          oneOf: [
            {
              title: 'Card',
              type: 'object',
              required: ['kind', 'brand'],
              properties: { kind: { const: 'card' }, brand: { type: 'string' } },
            },
            {
              title: 'Transfer',
              type: 'object',
              required: ['kind', 'iban'],
              properties: { kind: { const: 'transfer' }, iban: { type: 'string', pattern: '^[A-Z]{2}' } },
            },
          ],
        },
      },
      additionalProperties: false,
    },
    { type: 'boolean', title: 'Urgent', default: false },
  ],
}

export function functionDetailOf(name: string, tasks: readonly TaskSummary[], { schemas = {} }: FormAnswers) {
  const view = functionsOf(tasks).find(({ funcName }) => funcName === name)
  if (!view) return null
  return { ...view, description: `Does what ${name} says`, argsSchema: (schemas[name] ?? null) as Json }
}

/** The answer to `POST functions/{name}/enqueue`. */
export function enqueueAnswerOf(body: unknown, task: TaskSummary | undefined, { issues = [] }: FormAnswers) {
  if ((body as { dry_run?: boolean }).dry_run === true) return { valid: issues.length === 0, issues }
  return task ? { taskId: task.taskId, task } : {}
}

/** As many of the schedules as are asked for, those that a search leaves. */
export function schedulesAnswerOf<S extends { readonly funcName: string }>(
  two: readonly S[],
  count = two.length,
  text: string | null = null,
): readonly S[] {
  const further = Array.from({ length: Math.max(0, count - two.length) }, (_, index) => {
    return { ...(two[0] as S), funcName: `job_${index}`, recent: undefined }
  })
  return [...two, ...further].slice(0, count).filter(({ funcName }) => funcName.includes(text ?? ''))
}

export function driftOf(tasks: readonly TaskSummary[]) {
  return {
    workers: 2,
    unregistered: [{ funcName: 'old_import', queues: ['imports'], pending: 3, running: 0, recent: 5 }],
    partial: [{ funcName: 'charge_card', workers: ['web-1'], missing: ['web-2'] }],
    unseen: tasks.slice(-1).map(({ funcName }) => funcName),
    truncated: false,
  }
}
