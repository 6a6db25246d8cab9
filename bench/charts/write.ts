import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { reportsFolder, type Recorded } from '../record.ts'
import type { ReportName, Reports } from '../reports.ts'
import { drawCharts, reportNames } from './charts.ts'
import { listShortfalls, withShortfalls, type Kept } from './shortfalls.ts'

const page = new URL('../../docs/benchmarks.md', import.meta.url)

/** Draws the charts of a report into the documentation, beside its figures. */
export function writeCharts<N extends ReportName>(name: N, recorded: Recorded<Reports[N]>): void {
  for (const { file, svg } of drawCharts(name, recorded)) {
    writeFileSync(new URL(file, reportsFolder), svg)
    console.log(`drew docs/benchmarks/${file}`)
  }
}

/** Lists in the guide what of all that is kept misses its bound. */
export function writeShortfalls(): void {
  writeFileSync(page, withShortfalls(readFileSync(page, 'utf8'), listShortfalls(readKept())))
}

/** The reports in the documentation. */
export function readKept(): Kept {
  return Object.fromEntries(
    reportNames
      .map((name) => [name, new URL(`${name}.json`, reportsFolder)] as const)
      .filter(([, file]) => existsSync(file))
      .map(([name, file]) => [name, JSON.parse(readFileSync(file, 'utf8')) as unknown]),
  ) as Kept
}
