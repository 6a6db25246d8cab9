import type { TaskDetail } from '@taskloom/protocol'

/** A piece of the way of a task: an attempt, or the time before it. */
export interface WaterfallBar {
  readonly kind: 'attempt' | 'wait'
  /** Which attempt it is, or which it is before. */
  readonly attempt: number
  /** As the attempt ended; null while it runs, and for waits. */
  readonly outcome: string | null
  /** Epoch milliseconds. */
  readonly from: number
  readonly until: number
  /** Shorter on the axis than it was. */
  readonly isCollapsed: boolean
  /** Goes on now, or lies ahead. */
  readonly isLive: boolean
  /** Where on the axis it begins and ends, 0–1. */
  readonly start: number
  readonly end: number
}

/** One line: an attempt with the wait before it; without one while the next attempt is waited for. */
export interface WaterfallRow {
  readonly attempt: number
  readonly wait: WaterfallBar | null
  readonly run: WaterfallBar | null
}

/** The attempts of a task on one axis of time. */
export interface Waterfall {
  readonly rows: readonly WaterfallRow[]
  /** From when it was due to the end, or to now. */
  readonly spanMs: number
  /** Whether idle time was shortened: the axis is then no ruler. */
  readonly isCollapsed: boolean
  /** Marks of the axis: where, and how long after the beginning. */
  readonly ticks: readonly { readonly at: number; readonly ms: number }[]
}

/** No wait takes more of the axis than this share of what ran. */
const mostWaitShare = 0.6
/** So that what took nothing can be seen. */
const leastShare = 0.006
const tickCount = 4

type Piece = Omit<WaterfallBar, 'start' | 'end'> & { readonly weight: number }

/** Null where there is nothing to draw. Pure. */
export function waterfall(task: TaskDetail, now: number): Waterfall | null {
  const pieces = piecesOf(task, now)
  const first = pieces[0]
  const last = pieces.at(-1)
  if (!first || !last) return null
  const bars = placed(pieces)
  const numbers = [...new Set(bars.map(({ attempt }) => attempt))]
  const rows = numbers.map((attempt) => ({
    attempt,
    wait: bars.find((bar) => bar.attempt === attempt && bar.kind === 'wait') ?? null,
    run: bars.find((bar) => bar.attempt === attempt && bar.kind === 'attempt') ?? null,
  }))
  return {
    rows,
    spanMs: last.until - first.from,
    isCollapsed: bars.some(({ isCollapsed }) => isCollapsed),
    ticks: ticksOf(bars, first.from),
  }
}

function piecesOf(task: TaskDetail, now: number): readonly Piece[] {
  const attempts = [...task.attempts].sort((a, b) => a.attempt - b.attempt)
  const raw: Omit<Piece, 'weight' | 'isCollapsed'>[] = []
  let before = dueAt(task)
  for (const { attempt, startedAt, endedAt, outcome } of attempts) {
    const from = Math.max(before, startedAt)
    const isLive = endedAt === null
    if (from > before) raw.push({ kind: 'wait', attempt, outcome: null, from: before, until: from, isLive: false })
    const until = Math.max(from, endedAt ?? now)
    raw.push({ kind: 'attempt', attempt, outcome, from, until, isLive })
    before = until
  }
  const waitsUntil = task.status === 'pending' ? Math.max(now, task.runAt ?? now) : before
  if (waitsUntil > before) {
    const attempt = (attempts.at(-1)?.attempt ?? 0) + 1
    raw.push({ kind: 'wait', attempt, outcome: null, from: before, until: waitsUntil, isLive: true })
  }
  const ranMs = raw.reduce((sum, piece) => sum + (piece.kind === 'attempt' ? piece.until - piece.from : 0), 0)
  const mostMs = attempts.length === 0 ? Infinity : Math.max(1, ranMs * mostWaitShare)
  return raw.map((piece) => {
    const ms = piece.until - piece.from
    const isCollapsed = piece.kind === 'wait' && ms > mostMs
    return { ...piece, isCollapsed, weight: isCollapsed ? mostMs : ms }
  })
}

/** What was held back on purpose is no queue delay: the way begins when the task was due. */
function dueAt({ createdAt, startTime, waitMs }: TaskDetail): number {
  return startTime !== null && waitMs !== null ? Math.max(createdAt, startTime - waitMs) : createdAt
}

function placed(pieces: readonly Piece[]): readonly WaterfallBar[] {
  const sum = pieces.reduce((all, { weight }) => all + weight, 0)
  const least = Math.max(sum * leastShare, 1e-9)
  const weights = pieces.map(({ weight }) => Math.max(weight, least))
  const total = weights.reduce((all, weight) => all + weight, 0)
  let at = 0
  return pieces.map(({ weight: _, ...piece }, index) => {
    const start = at / total
    at += weights[index] ?? 0
    return { ...piece, start, end: at / total }
  })
}

/** What time it is at places of the axis, where pieces are shortened too. */
function ticksOf(bars: readonly WaterfallBar[], from: number): Waterfall['ticks'] {
  return Array.from({ length: tickCount + 1 }, (_, index) => {
    const at = index / tickCount
    const bar = bars.find(({ end }) => at <= end) ?? bars.at(-1)
    if (!bar) return { at, ms: 0 }
    const share = bar.end === bar.start ? 0 : Math.max(0, Math.min(1, (at - bar.start) / (bar.end - bar.start)))
    return { at, ms: bar.from + (bar.until - bar.from) * share - from }
  })
}
