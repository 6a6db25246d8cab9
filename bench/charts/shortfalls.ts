import type { Recorded } from '../record.ts'
import type { ReportName, Reports, StoresReport } from '../reports.ts'
import { figure } from './svg.ts'

/** The reports that are kept; any may be missing. */
export type Kept = { readonly [N in ReportName]?: Recorded<Reports[N]> }

const begin = '<!-- shortfalls: written by the benches -->'
const end = '<!-- end of shortfalls -->'
const none = '- Nothing: every figure that is kept is within its bound.'

/** Every figure that misses its bound, as lines of a list. */
export function listShortfalls(kept: Kept): readonly string[] {
  const found = [
    ...marked(kept.peers, ({ ratios }) => ratiosUnder(ratios)),
    ...marked(kept.stores, ({ ratios }) => ratiosUnder(ratios)),
    ...marked(kept.engine, ({ growth }) =>
      growth.filter(({ ratio, bound }) => ratio > bound).map(({ name, ratio, bound }) => atMost(name, ratio, bound)),
    ),
    ...marked(kept.fleet, ({ shapes, bound }) =>
      shapes.flatMap(({ shape, contenders }) =>
        contenders
          .filter(({ name, ratio }) => name.startsWith('Taskloom') && ratio < bound)
          .map(({ name, ratio }) => atLeast(`${name} / plain BullMQ, ${shape}`, ratio, bound)),
      ),
    ),
    ...marked(kept.soak, ({ verdicts, faults }) => [
      ...verdicts
        .filter(({ isOut }) => isOut)
        .map(
          ({ name, percent, boundPercent }) =>
            `${name}: rises ${figure(percent)} % in ten minutes, ${boundPercent} % at most`,
        ),
      ...faults,
    ]),
  ]
  return found.length === 0 ? [none] : found
}

/** The page with this list in the place that is kept for it. Throws where the page has none. */
export function withShortfalls(page: string, lines: readonly string[]): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`The page has no place for a list: ${begin} … ${end}`)
  return `${page.slice(0, from + begin.length)}\n\n${lines.join('\n')}\n\n${page.slice(to)}`
}

function marked<R>(recorded: Recorded<R> | undefined, find: (report: R) => readonly string[]): readonly string[] {
  if (recorded === undefined) return []
  const busy = recorded.machine.isBusy ? ' (the machine was busy)' : ''
  return find(recorded.report).map((line) => `- ${line}${busy}`)
}

function ratiosUnder(ratios: StoresReport['ratios']): readonly string[] {
  return ratios
    .filter(({ ratio, bound }) => ratio < bound)
    .map(({ ours, theirs, ratio, bound }) => atLeast(`${ours} / ${theirs}`, ratio, bound))
}

function atLeast(name: string, ratio: number, bound: number): string {
  return `${name}: ${figure(ratio)}×, asked for at least ${figure(bound)}×`
}

function atMost(name: string, ratio: number, bound: number): string {
  return `${name}: ${figure(ratio)}× as long over the longer history, asked for at most ${figure(bound)}×`
}
