import type { TaskRecord } from '@taskloom/engine/store'
import { isTerminal, type TaskStatus } from '@taskloom/protocol'
import { keysTwice, lost, miscounted, slotsOf, unfinished, unmarked } from '../fleet/verdicts.ts'
import { functions, type PlannedTask, type Timetable } from './timetable.ts'

/** What a run left: the ledger of its tasks and processes, the records, and what the store says of itself. */
export interface Evidence {
  /** Each line of the ledger as words: `ack id label`, `begin id attempt process`, `end id attempt` and so on. */
  readonly facts: readonly (readonly string[])[]
  readonly records: readonly TaskRecord[]
  /** Tasks by status, as the store counts them. */
  readonly counts: Readonly<Partial<Record<TaskStatus, number>>>
  /** Kept counts that are not what is counted. */
  readonly differing: number
  readonly isAuditWhole: boolean
  /** What an upkeep of the store would mend, in words. */
  readonly leftBehind: readonly string[]
  /** Processes that ended and were not told to. */
  readonly fallen: readonly string[]
}

export interface Verdict {
  /** Tasks whose enqueueing was answered and that are not there, or never end. */
  readonly lost: readonly string[]
  /** Attempts, keys and slots that were run again without a mark. */
  readonly doubled: readonly string[]
  /** Whatever else is not as it must be. */
  readonly wrong: readonly string[]
}

export function judge(timetable: Timetable, evidence: Evidence): Verdict {
  const { facts, records } = evidence
  const slots = slotsOf('tick', records)
  return {
    lost: lost(facts, records),
    doubled: [
      ...unmarked(facts, records),
      ...keysTwice(records).map((key) => `key ${key}`),
      ...slots.filter((slot, index) => slot === slots[index - 1]).map((slot) => `slot ${slot}`),
    ],
    wrong: [
      ...titled('still open', openOf(records)),
      ...titled('attempts do not add up', [
        ...miscounted(records.filter(isNotCancelled)),
        ...miscountedCancelled(records),
      ]),
      ...titled('succeeded without an end', unfinished(facts, records)),
      ...titled('ended otherwise than its function', wrongEnds(timetable, records)),
      ...titled('slots left out', hasSetClock(timetable) ? [] : gapsOf(slots, timetable.tickSeconds * 1_000)),
      ...titled('counts are not the rows', miscountedStatuses(evidence)),
      ...titled('kept figures differ', evidence.differing === 0 ? [] : [String(evidence.differing)]),
      ...titled('the audit log is broken', evidence.isAuditWhole ? [] : ['verifyAudit()']),
      ...titled('left behind', evidence.leftBehind),
      ...titled('processes fell', evidence.fallen),
    ],
  }
}

export function isSound({ lost, doubled, wrong }: Verdict): boolean {
  return lost.length + doubled.length + wrong.length === 0
}

const shownAtMost = 5

function titled(title: string, found: readonly string[]): readonly string[] {
  if (found.length === 0) return []
  const more = found.length > shownAtMost ? ` and ${found.length - shownAtMost} more` : ''
  return [`${title}: ${found.slice(0, shownAtMost).join('; ')}${more}`]
}

function openOf(records: readonly TaskRecord[]): readonly string[] {
  return records
    .filter(({ status }) => !isTerminal(status))
    .map(({ taskId, funcName, status, attempt, runAt }) => `${funcName} ${taskId} ${status} ${attempt} ${runAt ?? ''}`)
}

const isNotCancelled = ({ status }: TaskRecord): boolean => status !== 'cancelled'

/** One that is cancelled while it waits for a retry has no attempt of its own for that. */
function miscountedCancelled(records: readonly TaskRecord[]): readonly string[] {
  return records
    .filter(({ status, attempt, interruptions, retriesUsed }) => {
      const rest = attempt - interruptions - retriesUsed
      return status === 'cancelled' && rest !== 0 && rest !== 1
    })
    .map(({ taskId, attempt, interruptions, retriesUsed }) => `${taskId} ${attempt} ${interruptions} ${retriesUsed}`)
}

/** Tasks that succeeded in an attempt that was to fail, or failed although they had not used up what they may. */
function wrongEnds({ steps }: Timetable, records: readonly TaskRecord[]): readonly string[] {
  const plans = new Map<string, PlannedTask>()
  for (const step of steps) if (step.do === 'enqueue') for (const task of step.tasks) plans.set(task.label, task)
  return records.flatMap((record) => {
    const plan = plans.get(labelOf(record))
    if (!plan) return []
    const { status, attempt, retriesUsed } = record
    const isTooGood = status === 'success' && attempt <= plan.fails
    const isTooBad = status === 'failed' && (attempt > plan.fails || retriesUsed < functions[plan.func].retries)
    return isTooGood || isTooBad ? [`${plan.label} ${record.taskId} ${status} ${attempt} ${retriesUsed}`] : []
  })
}

/** Its first argument; an empty text where it has none. */
function labelOf({ args }: TaskRecord): string {
  const [label] = JSON.parse(args) as readonly unknown[]
  return typeof label === 'string' ? label : ''
}

function hasSetClock({ steps }: Timetable): boolean {
  return steps.some((step) => step.do === 'set clock')
}

function gapsOf(slots: readonly number[], everyMs: number): readonly string[] {
  return slots.flatMap((slot, index) => {
    const before = slots[index - 1] ?? slot - everyMs
    return slot - before > everyMs ? [`${before} to ${slot}`] : []
  })
}

function miscountedStatuses({ records, counts }: Evidence): readonly string[] {
  const rows = new Map<string, number>()
  for (const { status } of records) rows.set(status, (rows.get(status) ?? 0) + 1)
  return Object.entries(counts)
    .filter(([status, count]) => count !== (rows.get(status) ?? 0))
    .map(([status, count]) => `${status} ${count}, rows ${rows.get(status) ?? 0}`)
}
