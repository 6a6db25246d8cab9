// The fault suite by chance: `npm run chaos -- --seeds=100 --from=1`, and `--seed=42` for one run again. With
// `--store=postgres` or `--store=redis` on a server of its own; `--at-once=2` runs go on side by side.
import { parseOptions, type ChaosOptions } from './options.ts'
import { Places } from './place.ts'
import { runSeed, type Outcome } from './run-seed.ts'
import { nameFaults, planRun, type Timetable } from './timetable.ts'
import { isSound } from './verdict.ts'

const options = readOptions()
const places = new Places(options.store)
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    // The processes of a run end when nobody speaks to them any more.
    places.removeAll()
    process.exit(130)
  })
}
let lost = 0
let doubled = 0
const unsound: number[] = []
try {
  const waiting = [...options.seeds]
  await Promise.all(Array.from({ length: options.atOnce }, () => workOff(waiting)))
} finally {
  await places.close()
}
console.log(`${options.seeds.length} seeds, ${lost} lost, ${doubled} doubled`)
if (unsound.length > 0) {
  const again = unsound.map((seed) => `--seed=${seed}`).join(', ')
  console.log(`${unsound.length} not sound; repeat each by npm run chaos -- --store=${options.store} with ${again}`)
  process.exitCode = 1
}

function readOptions(): ChaosOptions {
  try {
    return parseOptions(process.argv.slice(2))
  } catch (error) {
    console.error((error as Error).message)
    process.exit(2)
  }
}

async function workOff(waiting: number[]): Promise<void> {
  for (let seed = waiting.shift(); seed !== undefined; seed = waiting.shift()) {
    const timetable = planRun(seed, options.store)
    const outcome = await runSeed(timetable, await places.next())
    lost += outcome.lost.length
    doubled += outcome.doubled.length
    if (!isSound(outcome)) unsound.push(seed)
    console.log(describe(timetable, outcome))
  }
}

function describe(timetable: Timetable, outcome: Outcome): string {
  const { seed, processes } = timetable
  const { tasks, interrupted, tookMs } = outcome
  const facts = `${tasks} tasks, ${processes.length} processes, ${interrupted} interrupted; ${nameFaults(timetable)}`
  const took = `${(tookMs / 1_000).toFixed(1)} s`
  if (isSound(outcome)) return `seed ${seed}: sound (${facts}; ${took})`
  const found = [
    ...outcome.lost.map((one) => `lost: ${one}`),
    ...outcome.doubled.map((one) => `doubled: ${one}`),
    ...outcome.wrong,
  ]
  return [
    `seed ${seed}: NOT SOUND (${facts}; ${took})`,
    ...found.map((line) => `  ${line}`),
    JSON.stringify(timetable),
  ].join('\n')
}
