import type { Recorded } from '../record.ts'
import type {
  EngineReport,
  FleetReport,
  PageReport,
  PeersReport,
  ReportName,
  Reports,
  SpeedRatio,
  StoresReport,
} from '../reports.ts'
import type { SoakReport } from '../soak/report.ts'
import type { MetricKey } from '../soak/verdict.ts'
import { drawBars, drawRatios } from './bars.ts'
import { drawLines, type Series } from './lines.ts'

/** A picture and the name of its file. */
export interface Chart {
  readonly file: string
  readonly svg: string
}

type Draws = { readonly [N in ReportName]: (recorded: Recorded<Reports[N]>) => readonly Chart[] }

/** All charts of one report. */
export function drawCharts<N extends ReportName>(name: N, recorded: Recorded<Reports[N]>): readonly Chart[] {
  return draws[name](recorded)
}

const draws: Draws = {
  engine: drawEngine,
  peers: drawPeers,
  stores: drawStores,
  fleet: drawFleet,
  page: drawPage,
  soak: drawSoak,
}

export const reportNames = Object.keys(draws) as readonly ReportName[]

/** When and on what, for the line under each title. */
function whereabouts({ at, machine }: Recorded<unknown>): string {
  const { cores, memoryGiB, cpu, node, isBusy } = machine
  const words = `${at}, ${cores} cores of ${cpu}, ${memoryGiB} GiB, Node ${node.replace(/^v/, '')}`
  return isBusy ? `${words}; the machine was busy` : words
}

function drawEngine(recorded: Recorded<EngineReport>): readonly Chart[] {
  const { curves, growth, smallCount, largeCount } = recorded.report
  const [few, many] = [smallCount, largeCount].map((count) => count.toLocaleString('en-US'))
  return [
    {
      file: 'engine-growth.svg',
      svg: drawLines({
        title: 'Questions of the dashboard over ever longer histories',
        subtitle: `Median over HTTP. ${whereabouts(recorded)}`,
        ...{ xUnit: 'tasks', yUnit: 'ms', isLog: true },
        series: curves.map(({ name, points }) => ({ name, points: points.map(({ tasks, ms }) => [tasks, ms]) })),
      }),
    },
    {
      file: 'engine-ratios.svg',
      svg: drawRatios({
        title: `How much longer each question takes over ${many} tasks than over ${few}`,
        subtitle: whereabouts(recorded),
        isLimit: true,
        ratios: growth.map(({ name, ratio, bound }) => ({ label: name, ratio, bound })),
      }),
    },
  ]
}

function drawPeers(recorded: Recorded<PeersReport>): readonly Chart[] {
  const { latencies } = recorded.report
  return [
    ...drawSpeeds('peers', 'Durable enqueue and run of tasks that do nothing', recorded),
    {
      file: 'peers-latency.svg',
      svg: drawBars({
        title: 'From asking for a task until it begins, at 200 tasks a second',
        subtitle: `Less is better. ${whereabouts(recorded)}`,
        unit: ' ms',
        bars: latencies.flatMap(({ name, p50, p99 }) => [
          { label: `${name}, p50`, value: p50, isOurs: isOurs(name) },
          { label: `${name}, p99`, value: p99, isOurs: isOurs(name) },
        ]),
      }),
    },
  ]
}

function drawStores(recorded: Recorded<StoresReport>): readonly Chart[] {
  return drawSpeeds('stores', 'The same on servers: PostgreSQL and Redis', recorded)
}

function drawSpeeds(name: string, title: string, recorded: Recorded<StoresReport>): readonly Chart[] {
  const { speeds, ratios } = recorded.report
  return [
    {
      file: `${name}-speed.svg`,
      svg: drawBars({
        title,
        subtitle: `More is better. ${whereabouts(recorded)}`,
        unit: ' tasks/s',
        bars: [...speeds]
          .sort((one, other) => other.perSecond - one.perSecond)
          .map(({ name, perSecond }) => ({ label: name, value: perSecond, isOurs: isOurs(name) })),
      }),
    },
    {
      file: `${name}-ratios.svg`,
      svg: drawRatios({
        title: 'Ours against theirs, side by side in the same rounds',
        subtitle: whereabouts(recorded),
        isLimit: false,
        ratios: ratios.map((one) => ({ label: nameRatio(one), ratio: one.ratio, bound: one.bound })),
      }),
    },
  ]
}

function drawFleet(recorded: Recorded<FleetReport>): readonly Chart[] {
  const { shapes, bound } = recorded.report
  const ratios = shapes.flatMap(({ shape, contenders }) =>
    contenders
      .filter(({ name }) => isOurs(name))
      .map(({ name, ratio }) => ({ label: `${shape}: ${name.replace('Taskloom, ', '')}`, ratio, bound })),
  )
  const title = 'Throughput with every record kept, against plain BullMQ that keeps none'
  const svg = drawRatios({ title, subtitle: whereabouts(recorded), isLimit: false, isEven: true, ratios })
  return [{ file: 'fleet-ratios.svg', svg }]
}

function drawPage(recorded: Recorded<PageReport>): readonly Chart[] {
  const bars = recorded.report.firstRows.map(({ name, ms, isOurs }) => ({ label: name, value: ms, isOurs }))
  const subtitle = `In a real browser; less is better. ${whereabouts(recorded)}`
  const svg = drawBars({ title: 'From opening the page until its first row', subtitle, unit: ' ms', bars })
  return [{ file: 'page-first-row.svg', svg }]
}

function drawSoak(recorded: Recorded<SoakReport>): readonly Chart[] {
  const { minutes, perSecond, readings, warmUpMinutes } = recorded.report
  const seriesOf = (names: readonly (readonly [MetricKey, string])[]): readonly Series[] =>
    names.map(([key, name]) => ({ name, points: readings.map((reading) => [reading.atMs / 60_000, reading[key]]) }))
  const load = `${minutes} minutes at ${perSecond} tasks a second, 20 pages`
  const judged = `Judged from minute ${warmUpMinutes} on.`
  const common = { subtitle: `${judged} ${whereabouts(recorded)}`, xUnit: 'minutes', isLog: false }
  return [
    {
      file: 'soak-memory.svg',
      svg: drawLines({
        ...common,
        title: `Memory of the host: ${load}`,
        yUnit: 'MB',
        series: seriesOf([
          ['heapMb', 'heap, collected'],
          ['rssMb', 'resident memory'],
          ['walMb', 'write-ahead log'],
        ]),
      }),
    },
    {
      file: 'soak-latency.svg',
      svg: drawLines({
        ...common,
        title: `From enqueue to end: ${load}`,
        yUnit: 'ms',
        series: seriesOf([
          ['p50Ms', 'p50'],
          ['p99Ms', 'p99'],
        ]),
      }),
    },
  ]
}

function isOurs(name: string): boolean {
  return name.startsWith('Taskloom')
}

function nameRatio({ ours, theirs }: SpeedRatio): string {
  return `${ours} / ${theirs}`
}
