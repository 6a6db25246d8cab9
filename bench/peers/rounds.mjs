import { formatTable, median } from '../figures.ts'

/**
 * Runs every contender in each round, one after the other, so that all have the machine as it is just then: tasks per second
 * by name, a figure for each round. The first round compiles and is not counted.
 */
export async function inRounds(rounds, contenders, measure) {
  const figures = new Map(contenders.map(({ name }) => [name, []]))
  for (let round = -1; round < rounds; round += 1) {
    for (const contender of contenders) {
      const perSecond = await measure(contender)
      if (round >= 0) figures.get(contender.name).push(perSecond)
    }
  }
  return figures
}

/** The median of each contender. */
export function speedsOf(figures) {
  return [...figures].map(([name, all]) => ({ name, perSecond: median(all) }))
}

/** For each of `[ours, theirs, bound]` the median of the ratios of the rounds. */
export function ratiosOf(figures, bounds) {
  return bounds.map(([ours, theirs, bound]) => {
    const ratio = median(figures.get(ours).map((figure, round) => figure / figures.get(theirs)[round]))
    return { ours, theirs, ratio, bound }
  })
}

/** Both as tables; a ratio under its bound says so. */
export function describeRounds({ speeds, ratios }) {
  const rows = ratios.map(({ ours, theirs, ratio, bound }) => [
    `${ours} / ${theirs}`,
    ratio,
    bound,
    ratio >= bound ? '' : 'under',
  ])
  const speedTable = formatTable(
    ['durable enqueue + run', 'tasks/s'],
    speeds.map(({ name, perSecond }) => [name, perSecond]),
  )
  return `${speedTable}\n\n${formatTable(['ratio', 'measured', 'bound', ''], rows)}`
}
