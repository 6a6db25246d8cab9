import { errorKind } from '../core/error-group.ts'
import type { TaskRecord } from '../core/record.ts'
import { errorCountsMs, maxErrorFunctions, maxErrorGroups, type ErrorGroup, type ErrorQuestion } from './fleet.ts'

export const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Whether a write ends a task as failed: then it is counted. */
export function isNewFailure(previous: TaskRecord | null, next: TaskRecord): boolean {
  return next.status === 'failed' && previous !== null && previous.status !== 'failed'
}

/** The beginnings of the stretches of time that a group is counted in: whole hours. */
export function errorWindows(now: number): { readonly hour: number; readonly day: number; readonly week: number } {
  return { hour: hourOf(now - hourMs), day: hourOf(now - dayMs), week: hourOf(now - 7 * dayMs) }
}

export function hourOf(instant: number): number {
  return Math.floor(instant / hourMs) * hourMs
}

/** The functions of a group with one more, as far as there is room. */
export function withFunction(functions: readonly string[], name: string): readonly string[] {
  return functions.includes(name) || functions.length >= maxErrorFunctions ? functions : [...functions, name]
}

interface Kept {
  readonly fingerprint: string
  readonly type: string
  message: string
  functions: readonly string[]
  readonly firstSeen: number
  lastSeen: number
  sampleTaskId: string
  readonly hours: Map<number, number>
}

/** Counts failures by kind; the reference for what a store that keeps them must say. */
export class ErrorBook {
  readonly #groups = new Map<string, Kept>()

  count(record: TaskRecord): void {
    const { fingerprint, type } = errorKind(record)
    const at = record.endTime ?? record.createdAt
    const group = this.#groups.get(fingerprint) ?? this.#open(fingerprint, type, at)
    group.message = record.error ?? ''
    group.functions = withFunction(group.functions, record.funcName)
    group.lastSeen = Math.max(group.lastSeen, at)
    group.sampleTaskId = record.taskId
    group.hours.set(hourOf(at), (group.hours.get(hourOf(at)) ?? 0) + 1)
    for (const hour of group.hours.keys()) if (hour < at - errorCountsMs) group.hours.delete(hour)
  }

  groups({ now, since }: ErrorQuestion): readonly ErrorGroup[] {
    const { hour, day, week } = errorWindows(now)
    return [...this.#groups.values()]
      .filter(({ lastSeen }) => since === null || lastSeen >= since)
      .sort((a, b) => b.lastSeen - a.lastSeen || (a.fingerprint < b.fingerprint ? -1 : 1))
      .map(({ hours, ...group }) => {
        const from = (start: number): number => [...hours].reduce((sum, [at, n]) => (at >= start ? sum + n : sum), 0)
        return { ...group, lastHour: from(hour), lastDay: from(day), lastWeek: from(week) }
      })
  }

  #open(fingerprint: string, type: string, at: number): Kept {
    if (this.#groups.size >= maxErrorGroups) this.#dropOldest()
    const fresh: Kept = {
      fingerprint,
      type,
      message: '',
      functions: [],
      firstSeen: at,
      lastSeen: at,
      sampleTaskId: '',
      hours: new Map(),
    }
    this.#groups.set(fingerprint, fresh)
    return fresh
  }

  #dropOldest(): void {
    let oldest: Kept | undefined
    for (const group of this.#groups.values()) if (!oldest || group.lastSeen < oldest.lastSeen) oldest = group
    if (oldest) this.#groups.delete(oldest.fingerprint)
  }
}
