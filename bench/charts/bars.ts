import { linearScale, logScale, type Scale } from './scale.ts'
import { bar, drawing, figure, headHeight, line, text } from './svg.ts'

export interface Bar {
  readonly label: string
  readonly value: number
  /** Ours stand out. */
  readonly isOurs: boolean
}

export interface BarChart {
  readonly title: string
  readonly subtitle: string
  /** Behind each figure, such as ` tasks/s`. */
  readonly unit: string
  readonly bars: readonly Bar[]
}

export interface Ratio {
  readonly label: string
  readonly ratio: number
  /** What is asked of it; the bar must come to it, or must not where `isLimit`. */
  readonly bound: number
}

export interface RatioChart {
  readonly title: string
  readonly subtitle: string
  readonly ratios: readonly Ratio[]
  /** Whether bounds are what a ratio must not exceed. */
  readonly isLimit: boolean
  /** Bars from zero on an even scale, for ratios that are near each other; from 1× on powers of ten by default. */
  readonly isEven?: boolean
}

const width = 860
const rowHeight = 26
const barHeight = 16
const characterWidth = 6.9
const gap = 12
const figureRoom = 110

/** Lying bars from zero, with their figures. */
export function drawBars({ title, subtitle, unit, bars }: BarChart): string {
  const labelWidth = roomFor(bars.map(({ label }) => label))
  const values = bars.map(({ value }) => value)
  const scale = linearScale(values, labelWidth, width - figureRoom)
  const height = headHeight + bars.length * rowHeight + gap
  const marks = bars.flatMap(({ label, value, isOurs }, index) => {
    const y = headHeight + index * rowHeight
    return [
      text(labelWidth - gap, y + 13, label, '', 'end'),
      bar(labelWidth, y, scale.at(value) - labelWidth, barHeight, isOurs ? 'ours' : 'theirs'),
      text(scale.at(value) + 6, y + 13, `${figure(value)}${unit}`, 'soft'),
    ]
  })
  const axis = line(labelWidth, headHeight - 6, labelWidth, height - gap, 'axis')
  const description = `${bars.map(({ label, value }) => `${label}: ${figure(value)}${unit}`).join('; ')}.`
  return drawing(width, height, { title, subtitle, description }, [...marks, axis])
}

/** Lying bars that begin at 1×, to the right for more and to the left for less, or at zero, with their bounds. */
export function drawRatios({ title, subtitle, ratios, isLimit, isEven = false }: RatioChart): string {
  const labelWidth = roomFor(ratios.map(({ label }) => label))
  const values = ratios.flatMap(({ ratio, bound }) => [ratio, bound, 1])
  const scale = (isEven ? linearScale : logScale)(values, labelWidth, width - figureRoom)
  const begin = scale.at(isEven ? 0 : 1)
  const height = headHeight + ratios.length * rowHeight + 30
  const marks = ratios.flatMap((ratio, index) => drawRatio(ratio, { scale, begin, labelWidth }, rowAt(index)))
  const words = ratios.map(({ label, ratio, bound }) => `${label}: ${figure(ratio)}× (bound ${figure(bound)}×)`)
  const caption = { title, subtitle, description: `${words.join('; ')}.` }
  const foot = `| bound: ${isLimit ? 'not beyond it' : 'at least'}`
  const bound = text(16, height - 8, foot, 'boundword')
  return drawing(width, height, caption, [...drawGrid(scale, height - 30), ...marks, bound])
}

interface Ground {
  readonly scale: Scale
  /** Where bars begin. */
  readonly begin: number
  readonly labelWidth: number
}

function rowAt(index: number): number {
  return headHeight + index * rowHeight
}

function drawRatio({ label, ratio, bound }: Ratio, { scale, begin, labelWidth }: Ground, y: number): readonly string[] {
  const [from, to] = [Math.min(begin, scale.at(ratio)), Math.max(begin, scale.at(ratio))]
  return [
    text(labelWidth - gap, y + 13, label, '', 'end'),
    bar(from, y, to - from, barHeight, 'ours'),
    line(scale.at(bound), y - 3, scale.at(bound), y + barHeight + 3, 'bound'),
    text(Math.max(to, scale.at(bound), scale.at(1)) + 6, y + 13, `${figure(ratio)}×`, 'soft'),
  ]
}

function drawGrid(scale: Scale, bottom: number): readonly string[] {
  return scale.marks.flatMap((mark) => [
    line(scale.at(mark), headHeight - 6, scale.at(mark), bottom, mark === 1 ? 'axis' : 'grid'),
    text(scale.at(mark), bottom + 22, `${figure(mark)}×`, 'soft', 'middle'),
  ])
}

function roomFor(labels: readonly string[]): number {
  return Math.max(...labels.map((label) => label.length)) * characterWidth + gap + 16
}
