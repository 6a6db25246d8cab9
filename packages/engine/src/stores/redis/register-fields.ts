import type { ErrorMark } from '../error-marks.ts'

/** An error group as it is kept; its counts and what was said of it lie elsewhere. */
export interface StoredGroup {
  /** The code or name of the error. */
  readonly type: string
  /** Of the failure that was counted last. */
  readonly message: string
  /** The functions that it was seen in. */
  readonly functions: readonly string[]
  /** When it was first seen. */
  readonly firstSeen: number
  /** When it was last seen. */
  readonly lastSeen: number
  /** The task that was counted last. */
  readonly sampleTaskId: string
}

/** A field of `Keys.errors`. */
export function encodeGroup({ type, message, functions, firstSeen, lastSeen, sampleTaskId }: StoredGroup): string {
  return JSON.stringify([type, message, functions, firstSeen, lastSeen, sampleTaskId])
}

/** The group of a field of `Keys.errors`. */
export function decodeGroup(text: string): StoredGroup {
  const [type, message, functions, firstSeen, lastSeen, sampleTaskId] = JSON.parse(text) as GroupTuple
  return { type, message, functions, firstSeen, lastSeen, sampleTaskId }
}

type GroupTuple = [string, string, readonly string[], number, number, string]

/** What was said of a kind of failure. */
export interface StoredMark {
  readonly mark: ErrorMark
  readonly at: number
  readonly by: string
}

/** A field of `Keys.errorMarks`. */
export function encodeMark({ mark, at, by }: StoredMark): string {
  return JSON.stringify([mark, at, by])
}

/** The mark of a field of `Keys.errorMarks`. */
export function decodeMark(text: string): StoredMark {
  const [mark, at, by] = JSON.parse(text) as [ErrorMark, number, string]
  return { mark, at, by }
}

/** A task's hold on a lock. */
export interface Grip {
  readonly taskId: string
  /** The task that took it first. */
  readonly owner: string
  /** Since when it is held, epoch milliseconds. */
  readonly since: number
}

/** A field of `Keys.locks`. */
export function encodeGrips(grips: readonly Grip[]): string {
  return JSON.stringify(grips.map(({ taskId, owner, since }) => [taskId, owner, since]))
}

/** The grips of a field of `Keys.locks`. */
export function decodeGrips(text: string): readonly Grip[] {
  const grips = JSON.parse(text) as readonly [string, string, number][]
  return grips.map(([taskId, owner, since]) => ({ taskId, owner, since }))
}
