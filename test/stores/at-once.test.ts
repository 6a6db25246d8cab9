import { transition, type TaskRecord, type Write } from '@taskloom/engine/store'
import { buildRecord } from '@taskloom/testkit'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decidePlainly } from '../../packages/engine/src/stores/sql/at-once.ts'
import type { BulkWrite, Value } from '../../packages/engine/src/stores/sql/database.ts'
import { guardOf } from '../../packages/engine/src/stores/sql/guess.ts'
import { alike, taskColumns, toTaskRow } from '../../packages/engine/src/stores/sql/rows.ts'
import { decide, type Known, type SeenTask } from '../../packages/engine/src/stores/unit/index.ts'
import { batches, writeOf } from './random-batches.ts'

const startedAt = Date.UTC(2026, 0, 5, 12)
const running = { status: 'running', attempt: 1, workerId: 'w', startTime: startedAt } as const

describe('a batch that is decided without asking', () => {
  it('comes to what the unit of work comes to, or is left to it', () => {
    let plain = 0
    fc.assert(
      fc.property(batches, (steps) => {
        const tasks: TaskRecord[] = []
        for (const step of steps.flat()) {
          const write = writeOf(step, tasks, (taskId) => tasks.find((task) => task.taskId === taskId))
          tasks.push(write.next)
          const decided = decidePlainly([write])
          if (!decided) continue
          plain += 1
          const { answers, changes } = decide([write], known(write))
          expect(decided.answers).toEqual(answers)
          const { updates, inserts, counts: _, ...others } = changes
          expect(Object.values(others).flat()).toEqual([])
          expect(cellsOf(decided.writes, 'insert')).toEqual(inserts.map((row) => cells(taskColumns, toTaskRow(row))))
          const groups = alike(updates, new Map())
          const changed = groups.flatMap(({ columns, rows }) => rows.map((row) => cells(['id', ...columns], row)))
          expect(cellsOf(decided.writes, 'update')).toEqual(changed)
        }
      }),
      { numRuns: 300 },
    )
    expect(plain).toBeGreaterThan(100)
  })

  it('changes rows together that were alike and change alike, each only if it is what it was', () => {
    const tasks = [buildRecord(running), buildRecord(running), buildRecord({ ...running, workerId: 'other' })]
    const decided = decidePlainly(tasks.map(end))
    const updates = (decided?.writes ?? []).flatMap((write) => (write.kind === 'update' ? [write] : []))
    expect(updates.map(({ rows }) => rows.map(([id]) => id))).toEqual([
      [tasks[0]?.taskId, tasks[1]?.taskId],
      [tasks[2]?.taskId],
    ])
    expect(updates.map(({ guard }) => guard)).toEqual([
      guardOf(tasks[0] as TaskRecord),
      guardOf(tasks[2] as TaskRecord),
    ])
  })

  it('says what becomes of the key that a task holds', () => {
    const [update] = decidePlainly([end(buildRecord({ ...running, idempotencyKey: 'k' }))])?.writes ?? []
    expect(update?.columns).toContain('held_key')
    expect(cellsOf(update ? [update] : [], 'update')).toMatchObject([{ held_key: 'k', status: 'success' }])
  })

  it('brings its messages along', () => {
    const task = buildRecord(running)
    const entry = { id: 'm1', recipient: 'r', event: 'e', taskId: task.taskId, createdAt: startedAt, body: '{}' }
    const writes = decidePlainly([{ ...end(task), outbox: [entry] }])?.writes ?? []
    const [message] = writes.filter(({ table }) => table === 'outbox')
    expect(message?.rows).toHaveLength(1)
    expect(message?.rows[0]).toContain('m1')
  })

  it('is none where two of its writes are of one task', () => {
    const task = buildRecord({ status: 'pending' })
    const arrival: Write = { previous: null, next: task, attempt: null, logs: [] }
    expect(decidePlainly([arrival])).not.toBeNull()
    expect(decidePlainly([arrival, arrival])).toBeNull()
  })
})

function end(task: TaskRecord): Write {
  const over = { status: 'success', endTime: startedAt + 5, durationMs: 5, result: '1' } as const
  const { attempt, workerId } = task
  return transition(task, over, {
    attempt: { attempt, startedAt, endedAt: over.endTime, outcome: 'success', error: null, stacktrace: null, workerId },
  })
}

/** The store as whoever writes believes it to be. */
function known({ previous }: Write): Known {
  const seen: SeenTask[] = previous === null ? [] : [{ ...previous, attemptStartedAt: null, logLines: 0 }]
  return {
    tasks: new Map(seen.map((task) => [task.taskId, task])),
    keyHolders: new Map(),
    slotHolders: new Map(),
    locks: [],
    owners: new Map(),
    openItems: new Set(),
  }
}

/** What is written to rows of tasks, by column. */
function cellsOf(writes: readonly BulkWrite[], kind: BulkWrite['kind']): readonly Record<string, Value>[] {
  return writes.flatMap((write) => {
    if (write.kind !== kind || write.table !== 'tasks') return []
    const columns = write.kind === 'update' ? [...write.keys, ...write.columns] : write.columns
    return write.rows.map((row) => cells(columns, row))
  })
}

function cells(columns: readonly string[], row: readonly Value[]): Record<string, Value> {
  return Object.fromEntries(columns.map((column, index) => [column, row[index] ?? null]))
}
