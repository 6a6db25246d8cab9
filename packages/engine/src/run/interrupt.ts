import type { Clock } from '../core/clock.ts'
import { settle } from '../core/lifecycle.ts'
import type { TaskRecord } from '../core/record.ts'
import type { Announcer } from '../observe/announcer.ts'
import type { Store } from '../stores/store.ts'
import { randomFraction } from './chance.ts'
import type { Registry } from './registry.ts'
import type { WriteQueue } from './write-queue.ts'

export interface InterruptParts {
  readonly store: Store
  readonly clock: Clock
  readonly announcer: Announcer
  readonly registry: Registry
  readonly writes: WriteQueue
}

/** Ends the attempt of a process that is gone, as its function says; null when it was not any more what it was taken for. */
export async function interrupt(parts: InterruptParts, lost: TaskRecord, reason: string): Promise<TaskRecord | null> {
  const { writes, clock, registry, announcer } = parts
  const startedAt = await startOf(parts, lost)
  const policy = registry.policyOf(lost.funcName)
  const settling = { policy, now: clock.now(), startedAt, random: randomFraction() }
  const settled = settle(lost, { kind: 'interrupted', reason }, settling)
  if (!(await writes.saved(settled))) return null
  announcer.saved(settled.next, settled.previous)
  return settled.next
}

async function startOf({ store, clock }: InterruptParts, lost: TaskRecord): Promise<number> {
  const fallback = lost.startTime ?? clock.now()
  if (lost.attempt <= 1) return fallback
  const detail = await store.views.detail(lost.taskId)
  return detail?.attempts.find(({ attempt }) => attempt === lost.attempt)?.startedAt ?? fallback
}
