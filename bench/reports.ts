import type { Backlog } from './backlog.ts'
import type { Curve } from './curves.ts'
import type { FanOutReport } from './fan-out.ts'
import type { HostDelay } from './host.ts'
import type { ListPageFigures } from './list-page.ts'
import type { ServedGrowth } from './served-growth.ts'
import type { SoakReport } from './soak/report.ts'
import type { Throughput } from './throughput.ts'

/** Tasks a second of one contender, the median of the rounds. */
export interface Speed {
  readonly name: string
  readonly perSecond: number
}

/** Ours against theirs: the median of the ratios of the rounds. */
export interface SpeedRatio {
  readonly ours: string
  readonly theirs: string
  readonly ratio: number
  readonly bound: number
}

export interface PeersReport {
  readonly rounds: number
  readonly speeds: readonly Speed[]
  readonly ratios: readonly SpeedRatio[]
  /** From asking for a task until it begins, at 200 a second, in milliseconds. */
  readonly latencies: readonly { readonly name: string; readonly p50: number; readonly p99: number }[]
}

export type StoresReport = Omit<PeersReport, 'latencies'>

/** CPU time in microseconds for each task: of our processes, of the server with the queue, and of the store's. */
export interface FleetFigures {
  readonly name: string
  readonly perSecond: number
  readonly ratio: number
  readonly node: number
  readonly queue: number
  readonly store: number
}

export interface FleetReport {
  readonly rounds: number
  readonly bound: number
  readonly shapes: readonly { readonly shape: string; readonly contenders: readonly FleetFigures[] }[]
}

export interface EngineReport {
  readonly smallCount: number
  readonly largeCount: number
  readonly throughput: Throughput
  readonly backlogs: readonly Backlog[]
  readonly delay: HostDelay
  /** Of one live change, where few and where many tasks are. */
  readonly bytes: { readonly tiny: number; readonly large: number }
  readonly fanOut: FanOutReport
  readonly listPage: ListPageFigures
  readonly growth: readonly ServedGrowth[]
  readonly curves: readonly Curve[]
}

export interface PageReport {
  /** Milliseconds from navigating until the first row is there. */
  readonly firstRows: readonly { readonly name: string; readonly ms: number; readonly isOurs: boolean }[]
}

/** Which report lies in which file. */
export interface Reports {
  readonly engine: EngineReport
  readonly peers: PeersReport
  readonly stores: StoresReport
  readonly fleet: FleetReport
  readonly page: PageReport
  readonly soak: SoakReport
}
export type ReportName = keyof Reports
