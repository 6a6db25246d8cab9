import { linearScale, logScale } from './scale.ts'
import { drawing, figure, headHeight, line, path, seriesCount, text } from './svg.ts'

export interface Series {
  readonly name: string
  /** As `[x, y]`, x rising. */
  readonly points: readonly (readonly [number, number])[]
}

export interface LineChart {
  readonly title: string
  readonly subtitle: string
  readonly xUnit: string
  readonly yUnit: string
  /** Whether both axes are logarithmic; then equal steps are equal factors. */
  readonly isLog: boolean
  /** At most six. */
  readonly series: readonly Series[]
}

const width = 860
const plot = { left: 72, right: 620, top: headHeight + 24, bottom: 370 }
const height = 420
const nameDistance = 17

/** Curves with their names at their ends. */
export function drawLines(chart: LineChart): string {
  const { title, subtitle, series, isLog, xUnit, yUnit } = chart
  if (series.length > seriesCount) throw new Error(`${series.length} curves are too many for one chart`)
  const points = series.flatMap((one) => one.points)
  const scaleOf = isLog ? logScale : linearScale
  const x = scaleOf(
    points.map(([value]) => value),
    plot.left,
    plot.right,
  )
  const y = scaleOf(
    points.map(([, value]) => value),
    plot.bottom,
    plot.top,
  )
  const grid = [
    ...y.marks.flatMap((mark) => [
      line(plot.left, y.at(mark), plot.right, y.at(mark), 'grid'),
      text(plot.left - 8, y.at(mark) + 4, figure(mark), 'soft', 'end'),
    ]),
    ...x.marks.map((mark) => text(x.at(mark), plot.bottom + 20, figure(mark), 'soft', 'middle')),
    text(plot.right, plot.bottom + 40, xUnit, 'soft', 'end'),
    text(16, plot.top - 12, yUnit, 'soft'),
  ]
  const curves = series.map(({ points }, index) =>
    path(
      points.map(([px, py]) => [x.at(px), y.at(py)] as const),
      `line s${index}`,
    ),
  )
  return drawing(width, height, { title, subtitle, description: describe(chart) }, [
    ...grid,
    ...curves,
    ...drawNames(series, (value) => y.at(value)),
  ])
}

/** Beside the ends of their curves, but not upon each other; a stroke of the curve's colour before each. */
function drawNames(series: readonly Series[], y: (value: number) => number): readonly string[] {
  const ends = series
    .map(({ name, points }, index) => ({ name, index, at: y(points.at(-1)?.[1] ?? 0) }))
    .sort((one, other) => one.at - other.at)
  let free = plot.top
  const placed = ends.map((end) => {
    const at = Math.max(free, end.at)
    free = at + nameDistance
    return { ...end, at }
  })
  const over = Math.max(0, free - nameDistance - plot.bottom)
  return placed.flatMap(({ name, index, at }) => [
    line(plot.right + 8, at - over, plot.right + 24, at - over, `line s${index}`),
    text(plot.right + 30, at - over + 4, name),
  ])
}

function describe({ series, xUnit, yUnit }: LineChart): string {
  const words = series.map(({ name, points }) => {
    const [first, last] = [points[0], points.at(-1)]
    const all = points.length <= 6 ? points : [first, last]
    const figures = all.flatMap((point) =>
      point ? [`${figure(point[1])} ${yUnit} at ${figure(point[0])} ${xUnit}`] : [],
    )
    return `${name}: ${figures.join(', ')}`
  })
  return `${words.join('; ')}.`
}
