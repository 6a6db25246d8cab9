import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { DecodeError, taskDetail, taskSummary, type TaskSummary } from '@taskloom/protocol'

const instant = fc.integer({ min: 0, max: 4_102_444_800_000 })
const optionalText = fc.option(fc.string(), { nil: null })
const durationMs = fc.option(
  fc.integer({ min: 0, max: 86_400_000_000 }).map((microseconds) => microseconds / 1_000),
  { nil: null },
)

const summaries: fc.Arbitrary<TaskSummary> = fc.record({
  taskId: fc.uuid(),
  funcName: fc.string({ minLength: 1 }),
  queue: fc.string({ minLength: 1 }),
  status: fc.constantFrom('pending', 'running', 'success', 'failed', 'interrupted', 'cancelled', 'snoozed'),
  createdAt: instant,
  runAt: fc.option(instant, { nil: null }),
  startTime: fc.option(instant, { nil: null }),
  endTime: fc.option(instant, { nil: null }),
  durationMs,
  waitMs: durationMs,
  attempt: fc.nat(),
  retriesUsed: fc.nat(),
  maxRetries: fc.nat(),
  priority: fc.option(fc.integer(), { nil: null }),
  executor: fc.constantFrom('async', 'thread', 'process'),
  source: fc.constantFrom('manual', 'scheduled', 'retry', 'api'),
  error: optionalText,
  tags: fc.dictionary(
    fc.string().filter((key) => key !== '__proto__'),
    fc.string(),
    { noNullPrototype: true },
  ),
  progress: fc.option(fc.record({ percent: fc.option(fc.nat(100), { nil: null }), message: optionalText }), {
    nil: null,
  }),
  userLabel: optionalText,
  workerId: optionalText,
  hasLogs: fc.boolean(),
  retriedFrom: optionalText,
  retryCount: fc.nat(),
  version: fc.nat(),
})

describe('task summary on the wire', () => {
  it('comes back as it went, through JSON text', () => {
    fc.assert(
      fc.property(summaries, (summary) => {
        const wire: unknown = JSON.parse(JSON.stringify(taskSummary.encode(summary)))
        expect(taskSummary.decode(wire)).toEqual(summary)
      }),
    )
  })

  it('speaks snake_case, ISO instants and seconds', () => {
    const [sample] = fc.sample(summaries, { numRuns: 1, seed: 1 })
    const wire = taskSummary.encode({ ...sample!, createdAt: 0, durationMs: 1_234.5, waitMs: 6 })
    expect(wire).toMatchObject({ created_at: '1970-01-01T00:00:00.000Z', duration: 1.2345, wait: 0.006 })
    expect(Object.keys(wire as object)).not.toContain('durationMs')
  })

  it('ignores fields it does not know and names the one that is wrong', () => {
    const [sample] = fc.sample(summaries, { numRuns: 1, seed: 2 })
    const wire = taskSummary.encode(sample!) as Record<string, unknown>
    expect(taskSummary.decode({ ...wire, tomorrow: 1 })).toEqual(sample)
    expect(() => taskSummary.decode({ ...wire, created_at: 5 })).toThrow(DecodeError)
    expect(() => taskSummary.decode({ ...wire, tags: { a: 1 } })).toThrow(/tags\.a/)
  })
})

describe('task detail on the wire', () => {
  it('leaves arguments out when there are none to show', () => {
    expect(taskDetail.schema['required']).not.toContain('args')
    expect(taskDetail.schema['required']).toContain('stacktrace')
  })
})
