import type { Words } from '@taskloom/client'
import type { Json, TaskDetail } from '@taskloom/protocol'
import type { Issue } from '../form/check.ts'
import { isSame, type Value } from '../form/json-text.ts'
import { toWire } from '../form/wire.ts'
import { instantOf } from '../form/zone.ts'

/** What is said of a task beside its arguments, as it stands in the controls. */
export interface OptionsDraft {
  readonly when: 'now' | 'after' | 'at'
  readonly amount: string
  readonly unit: Unit
  /** On the clocks of the operator's zone. */
  readonly clock: string
  readonly queue: string
  readonly priority: string
  readonly tags: readonly (readonly [name: string, value: string])[]
  readonly idempotencyKey: string
  readonly reason: string
}

export type Unit = keyof typeof unitSeconds

export const unitSeconds = { second: 1, minute: 60, hour: 3_600, day: 86_400 } as const

export const emptyOptions: OptionsDraft = {
  when: 'now',
  amount: '10',
  unit: 'minute',
  clock: '',
  queue: '',
  priority: '',
  tags: [],
  idempotencyKey: '',
  reason: '',
}

/** The tag that a clone names its original with; the server gives it. */
const cloneTag = 'cloned_from'

/** The options that a clone begins with: those of the original that it would take anyway. */
export function optionsOfClone({ tags }: TaskDetail): OptionsDraft {
  return { ...emptyOptions, tags: Object.entries(tags).filter(([name]) => name !== cloneTag) }
}

/** When it is to run, epoch ms; null for at once, undefined where what stands there is no time. */
export function dueAt(
  { when, amount, unit, clock }: OptionsDraft,
  timeZone: string,
  now: number,
): number | null | undefined {
  if (when === 'now') return null
  if (when === 'at') return instantOf(clock, timeZone) ?? undefined
  const value = Number(amount.trim().replace(',', '.'))
  return amount.trim() !== '' && value > 0 && value < 1e6 ? now + value * unitSeconds[unit] * 1_000 : undefined
}

/** What is wrong with the options; places as the protocol names them. */
export function checkOptions(draft: OptionsDraft, timeZone: string, now: number): readonly Issue[] {
  const issues: Issue[] = []
  const say = (path: string, words: Words) => issues.push({ path: `options.${path}`, words })
  const at = dueAt(draft, timeZone, now)
  if (at === undefined && draft.when === 'after') say('delay', { text: 'A number above 0' })
  if (at === undefined && draft.when === 'at') say('run_at', { text: 'Choose a date and a time' })
  if (draft.when === 'at' && at && at < now) say('run_at', { text: 'This has passed: choose a later time, or Now' })
  if (draft.priority.trim() !== '' && !/^[+-]?\d{1,9}$/.test(draft.priority.trim())) {
    say('priority', { text: 'A whole number, such as 10 or -5' })
  }
  const names = draft.tags.map(([name]) => name.trim())
  if (names.some((name) => name === '')) say('tags', { text: 'Each tag needs a name' })
  if (new Set(names).size < names.length) say('tags', { text: 'Each name once' })
  return issues
}

/** What is to be enqueued. */
export interface Draft {
  readonly args: Value
  readonly options: OptionsDraft
  /** The task that it is cloned from; null for a new one. */
  readonly original: TaskDetail | null
}

/** The body of the request, in the protocol's spelling. What a clone leaves as it was is left out: the server has it. */
export function bodyOf({ args, options, original }: Draft, timeZone: string): Readonly<Record<string, Json>> {
  const keepsArgs = original !== null && (original.args === undefined || isSame(args, original.args))
  const given = optionsOf(options, original, timeZone)
  return {
    ...(keepsArgs ? {} : { args: toWire(args) }),
    ...(Object.keys(given).length > 0 ? { options: given } : {}),
    ...(original ? { cloned_from: original.taskId } : {}),
    ...(options.reason.trim() ? { reason: options.reason.trim() } : {}),
  }
}

function optionsOf(draft: OptionsDraft, original: TaskDetail | null, timeZone: string): Readonly<Record<string, Json>> {
  const { when, amount, unit, queue, priority, idempotencyKey } = draft
  const tags = Object.fromEntries(draft.tags.map(([name, value]) => [name.trim(), value]))
  const before = original ? Object.fromEntries(optionsOfClone(original).tags) : {}
  const at = when === 'at' ? instantOf(draft.clock, timeZone) : null
  return {
    ...(when === 'after' ? { delay: Number(amount.trim().replace(',', '.')) * unitSeconds[unit] } : {}),
    ...(at === null ? {} : { run_at: new Date(at).toISOString() }),
    ...(queue.trim() ? { queue: queue.trim() } : {}),
    ...(priority.trim() ? { priority: Number(priority.trim()) } : {}),
    ...(isSame(tags, before) ? {} : { tags }),
    ...(idempotencyKey.trim() ? { idempotency_key: idempotencyKey.trim() } : {}),
  }
}
