import type { FailingCall, Step, Timetable } from './timetable.ts'

/** What the runner does at one moment. */
export type Event =
  | Extract<Step, { readonly do: 'enqueue' | 'cancel' | 'retry' | 'run now' }>
  | { readonly do: 'boot'; readonly whom: string; readonly failing: readonly FailingCall[] }
  | { readonly do: 'kill' | 'freeze' | 'thaw' | 'fill disk' | 'make room'; readonly whom: string }
  | { readonly do: 'shut down'; readonly whom: string; readonly patienceMs: number }
  | { readonly do: 'lock file'; readonly forMs: number }
  | { readonly do: 'set clock'; readonly byMs: number }
export type TimedEvent = Event & { readonly atMs: number }

/** The timetable as moments, in order: what lasts has a begin and an end. */
export function eventsOf({ steps }: Timetable): readonly TimedEvent[] {
  return steps
    .flatMap(({ atMs, ...step }) => momentsOf(step).map(([afterMs, event]) => ({ ...event, atMs: atMs + afterMs })))
    .sort((one, other) => one.atMs - other.atMs)
}

/** The furthest that the clock is ahead at any time, in milliseconds of the engine. */
export function furthestAhead({ steps }: Timetable): number {
  let offsetMs = 0
  let furthest = 0
  for (const step of steps) {
    if (step.do !== 'set clock') continue
    offsetMs += step.byMs
    furthest = Math.max(furthest, offsetMs)
  }
  return furthest
}

function momentsOf(step: Step): readonly (readonly [number, Event])[] {
  switch (step.do) {
    case 'kill':
      return [
        [0, { do: 'kill', whom: step.whom }],
        [step.forMs, { do: 'boot', whom: step.whom, failing: [] }],
      ]
    case 'shut down':
      return [
        [0, { do: 'shut down', whom: step.whom, patienceMs: step.patienceMs }],
        [step.forMs, { do: 'boot', whom: step.whom, failing: [] }],
      ]
    case 'freeze':
      return [
        [0, { do: 'freeze', whom: step.whom }],
        [step.forMs, { do: 'thaw', whom: step.whom }],
      ]
    case 'fill disk':
      return [
        [0, { do: 'fill disk', whom: step.whom }],
        [step.forMs, { do: 'make room', whom: step.whom }],
      ]
    default:
      return [[0, step]]
  }
}
