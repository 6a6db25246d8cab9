import type { Json, TaskDetail } from '@taskloom/protocol'

/** How far a running task is, as far as it said. */
export interface ProgressView {
  /** 0–100; null when the total is unknown. */
  readonly percent: number | null
  readonly message: string | null
  /** `current` of `total`, in the task's own unit; null when it did not say. */
  readonly count: { readonly current: number; readonly total: number | null } | null
  /** Named parts, where the task named them. */
  readonly steps: readonly ProgressStep[]
  /** How much longer it takes if it goes on as it went; null when that cannot be said yet. */
  readonly leftMs: number | null
  /** What it told beyond all of this; null when nothing. */
  readonly rest: Json
}

/** A named part of the work. */
export interface ProgressStep {
  readonly name: string
  readonly state: 'done' | 'now' | 'ahead'
}

/** Nothing is foretold from less. */
const leastShare = 0.03
const leastMs = 2_000
const mostSteps = 50

/** Null where a task does not run or has said nothing. Pure. */
export function progressView(task: TaskDetail, now: number): ProgressView | null {
  const { status, progress, progressPayload } = task
  if (status !== 'running' || !progress) return null
  const { current, total, steps, step, message: _, ...rest } = membersOf(progressPayload)
  const percent = progress.percent === null ? null : Math.max(0, Math.min(100, progress.percent))
  return {
    percent,
    message: progress.message,
    count: typeof current === 'number' ? { current, total: typeof total === 'number' ? total : null } : null,
    steps: stepsOf(steps, step),
    leftMs: leftOf(task, percent, now),
    rest: Object.keys(rest).length > 0 ? rest : null,
  }
}

function leftOf({ attempts, startTime }: TaskDetail, percent: number | null, now: number): number | null {
  const began = attempts.find(({ endedAt }) => endedAt === null)?.startedAt ?? startTime
  if (began === null || percent === null || percent >= 100) return null
  const share = percent / 100
  const tookMs = now - began
  if (share < leastShare || tookMs < leastMs) return null
  return (tookMs * (1 - share)) / share
}

/** `steps: ['fetch', 'parse']` with `step: 1` or `step: 'parse'`, or `[{ name, state }]`. */
function stepsOf(steps: Json | undefined, step: Json | undefined): readonly ProgressStep[] {
  if (!Array.isArray(steps)) return []
  const named = (steps as readonly Json[]).slice(0, mostSteps).map((one) => ({ ...membersOf(one), ...nameOf(one) }))
  const at = typeof step === 'number' ? step : named.findIndex(({ name }) => name === step)
  return named.map(({ name, ...more }, index) => {
    const said = (more as { readonly state?: Json }).state
    const guessed = at < 0 ? 'ahead' : index < at ? 'done' : index === at ? 'now' : 'ahead'
    return { name, state: said === 'done' || said === 'now' || said === 'ahead' ? said : guessed }
  })
}

function nameOf(step: Json): { readonly name: string } {
  const name = typeof step === 'object' ? membersOf(step)['name'] : step
  return { name: typeof name === 'string' || typeof name === 'number' ? String(name).slice(0, 120) : '?' }
}

function membersOf(value: Json): { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as { readonly [name: string]: Json })
    : {}
}
