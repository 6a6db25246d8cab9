import { monitorEventLoopDelay, performance, type IntervalHistogram } from 'node:perf_hooks'
import { cpuUsage, memoryUsage } from 'node:process'

/** The delay of the event loop is looked at so often: fine enough for a page that people look at, and hardly any work. */
const resolutionMs = 20

export interface VitalSigns {
  /** Of one core, since the reading before; null with the first. */
  readonly cpuPercent: number | null
  readonly rssBytes: number
  /** In 99 % of all moments since the reading before; null with the first. */
  readonly eventLoopLagMs: number | null
}

/** Measures how this process fares from one reading to the next. */
export class Vitals {
  #delay: IntervalHistogram | null = null
  #before: { readonly atMs: number; readonly cpuMicros: number } | null = null

  open(): void {
    this.#delay ??= monitorEventLoopDelay({ resolution: resolutionMs })
    this.#delay.enable()
  }

  close(): void {
    this.#delay?.disable()
    this.#delay = null
    this.#before = null
  }

  read(): VitalSigns {
    const { user, system } = cpuUsage()
    const now = { atMs: performance.now(), cpuMicros: user + system }
    const before = this.#before
    this.#before = now
    const tookMs = before ? now.atMs - before.atMs : 0
    const cpuPercent = before && tookMs > 0 ? (now.cpuMicros - before.cpuMicros) / 10 / tookMs : null
    return {
      cpuPercent: cpuPercent === null ? null : round(Math.max(0, cpuPercent)),
      rssBytes: memoryUsage.rss(),
      eventLoopLagMs: before && this.#readLag(),
    }
  }

  #readLag(): number | null {
    const delay = this.#delay
    if (!delay || delay.count === 0) return null
    const lagMs = delay.percentile(99) / 1e6 - resolutionMs
    delay.reset()
    return round(Math.max(0, lagMs))
  }
}

function round(value: number): number {
  return Math.round(value * 10) / 10
}
