import { writeCharts, writeShortfalls } from './charts/write.ts'
import { record, today, versionsOf, type Machine, type Recorded } from './record.ts'
import type { ReportName, Reports } from './reports.ts'

export interface Keeping {
  /** As it was before the measurement. */
  readonly machine: Machine
  /** Packages that were measured; those of the benches' own folder with `peers/` before their name. */
  readonly packages: readonly string[]
  /** Versions of what is no package, by name; none by default. */
  readonly versions?: Readonly<Record<string, string>>
  /** Into the documentation, with its charts; else into `bench/results`. */
  readonly isKept: boolean
}

/** Writes a report, and draws its charts where it goes into the documentation. */
export async function keep<N extends ReportName>(name: N, report: Reports[N], keeping: Keeping): Promise<void> {
  const { machine, packages, isKept } = keeping
  const versions = { ...versionsOf(packages), ...keeping.versions }
  const recorded: Recorded<Reports[N]> = { at: today(), machine, versions, report }
  const rounded = await record(name, recorded, isKept)
  if (!isKept) return
  writeCharts(name, rounded)
  writeShortfalls()
}

/** Whole runs are kept; a quick one only where it is asked for by `--save`. */
export function isToBeKept(words: readonly string[]): boolean {
  return words.includes('--save') || !words.includes('--quick')
}
