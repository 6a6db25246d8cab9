// Draws the charts of all reports that are in the documentation anew: `npm run bench:charts`.
import type { ReportName } from '../reports.ts'
import { reportNames } from './charts.ts'
import { readKept, writeCharts, writeShortfalls } from './write.ts'

const kept = readKept()
for (const name of reportNames) drawAnew(name)
writeShortfalls()

function drawAnew<N extends ReportName>(name: N): void {
  const recorded = kept[name]
  if (recorded !== undefined) writeCharts(name, recorded)
}
