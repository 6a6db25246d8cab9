import { errorKind } from '../core/error-group.ts'
import type { TaskRecord } from '../core/record.ts'
import { stateOf, type ErrorMark, type MarkedError } from './error-marks.ts'
import { errorCountsMs, maxErrorFunctions, maxErrorGroups, type ErrorGroup, type ErrorQuestion } from './fleet.ts'

export const hourMs = 3_600_000
const dayMs = 24 * hourMs

/** Whether a write makes a task one that has failed: then the kind of its failure is kept with it. */
export function isNewFailure(previous: TaskRecord | null, next: TaskRecord): boolean {
  return next.status === 'failed' && (previous === null || previous.status !== 'failed')
}

/** The beginnings of the stretches of time that a group is counted in: whole hours. */
export function errorWindows(now: number): { readonly hour: number; readonly day: number; readonly week: number } {
  return { hour: hourOf(now - hourMs), day: hourOf(now - dayMs), week: hourOf(now - 7 * dayMs) }
}

/** The beginnings of the last 24 hours, the current one last. */
export function trendHours(now: number): readonly number[] {
  return Array.from({ length: 24 }, (_, index) => hourOf(now) - (23 - index) * hourMs)
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
  mark: ErrorMark | null
  stateAt: number | null
  stateBy: string | null
}

/** Counts failures by kind; the reference for what a store that keeps them must say. */
export class ErrorBook {
  readonly #groups = new Map<string, Kept>()

  /** Gives the kind of the failure. */
  count(record: TaskRecord): string {
    const { fingerprint, type } = errorKind(record)
    const at = record.endTime ?? record.createdAt
    const group = this.#groups.get(fingerprint) ?? this.#open(fingerprint, type, at)
    group.message = record.error ?? ''
    group.functions = withFunction(group.functions, record.funcName)
    group.lastSeen = Math.max(group.lastSeen, at)
    group.sampleTaskId = record.taskId
    group.hours.set(hourOf(at), (group.hours.get(hourOf(at)) ?? 0) + 1)
    for (const hour of group.hours.keys()) if (hour < at - errorCountsMs) group.hours.delete(hour)
    return fingerprint
  }

  /** False when there is no such kind. */
  mark({ fingerprint, mark, at, by }: MarkedError): boolean {
    const group = this.#groups.get(fingerprint)
    if (!group) return false
    group.mark = mark
    group.stateAt = mark === null ? null : at
    group.stateBy = mark === null ? null : by
    return true
  }

  groups({ now, since }: ErrorQuestion): readonly ErrorGroup[] {
    const { hour, day, week } = errorWindows(now)
    return [...this.#groups.values()]
      .filter(({ lastSeen }) => since === null || lastSeen >= since)
      .sort((a, b) => b.lastSeen - a.lastSeen || (a.fingerprint < b.fingerprint ? -1 : 1))
      .map(({ hours, mark, stateAt, ...group }) => {
        const from = (start: number): number => [...hours].reduce((sum, [at, n]) => (at >= start ? sum + n : sum), 0)
        const trend = trendHours(now).map((at) => hours.get(at) ?? 0)
        const state = stateOf(mark, stateAt, group.lastSeen)
        return { ...group, lastHour: from(hour), lastDay: from(day), lastWeek: from(week), trend, state, stateAt }
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
      mark: null,
      stateAt: null,
      stateBy: null,
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
