import type { Json } from '@taskloom/protocol'
import type { TransferKind } from '../../stores/transfer/port.ts'
import type { TransferDigest } from '../../stores/transfer/digest.ts'
import type { TransferPlan } from '../../stores/transfer/plan.ts'
import type { KindComparison, TransferReport } from '../../stores/transfer/run.ts'
import { none, type Call, type Command } from '../command.ts'
import { confirm } from '../confirm.ts'
import { exitCodes, interruptedError, usageError, type ExitCode } from '../exit.ts'
import type { MigrationPlaces } from '../migration.ts'
import { createRedactor } from '../redact.ts'
import { formatTable } from '../table.ts'
import { safeText } from '../text.ts'
import { countWords, tasksWords } from '../words.ts'
import { StagedProgress } from './migrate-progress.ts'

/** `taskloom migrate` */
export const migrate: Command = {
  name: 'migrate',
  operands: '',
  count: none,
  words: 'move the whole history from one store to an empty one; goes on where it was stopped',
  options: ['from', 'to', 'dry-run', 'verify-only', 'yes'],
  run: migrateHistory,
}

/** The engine takes its time to load, and no other command needs this part of it. */
const loadParts = async () => ({
  ...(await import('../migration.ts')),
  ...(await import('../../stores/transfer/plan.ts')),
  ...(await import('../../stores/transfer/run.ts')),
})

async function migrateHistory(call: Call): Promise<ExitCode> {
  const { input } = call
  const places = readPlaces(call)
  if (input.has('dry-run') && input.has('verify-only')) throw usageError('--dry-run does not go with --verify-only')
  if (input.has('verify-only')) return verify(call, places)
  const { withEnds, planTransfer, isLiveAt, isMissingFile } = await loadParts()
  if (input.has('dry-run') && isMissingFile(places.to)) return lookAtSource(call, places)
  return withEnds(places, async (ends) => {
    const plan = await planTransfer(ends, isLiveAt(call.world.now()))
    return input.has('dry-run') ? tellPlan(call, places, plan) : move(call, places, plan)
  })
}

async function move(call: Call, places: MigrationPlaces, plan: TransferPlan): Promise<ExitCode> {
  const { world, print } = call
  const { countsOf, transferHistory } = await loadParts()
  const counts = await countsOf(plan.source)
  const isResumed = plan.state !== null
  const redact = createRedactor()
  await confirm(call, redact(`Move ${tasksWords(counts.tasks)} ${wayOf(places)}`), counts.tasks)
  const report = await working(call, counts, (onProgress) =>
    transferHistory(plan, { now: world.now, run: crypto.randomUUID(), signal: world.signal, onProgress }),
  )
  const document = { ...places, resumed: isResumed, ...toDocument(report) }
  const sum = `${isResumed ? 'Ended moving' : 'Moved'} ${tasksWords(counts.tasks)} ${wayOf(places)}`
  await print.answer(document, () => (report.isEqual ? `${table(call, report)}${sum}\n` : table(call, report)))
  if (report.isEqual) return exitCodes.ok
  await print.note(`${differingWords(report)}. Try once more; if they still differ, begin anew with an empty target`)
  return exitCodes.failed
}

async function verify(call: Call, places: MigrationPlaces): Promise<ExitCode> {
  const { print } = call
  const { withEnds, requireThere, transferParts, countsOf, compareHistories } = await loadParts()
  requireThere(places.to)
  return withEnds(places, async (ends) => {
    const parts = await transferParts(ends)
    const counts = await countsOf(parts.source)
    const report = await working(call, counts, (onProgress) =>
      compareHistories(parts, { signal: call.world.signal, onProgress }),
    )
    await print.answer({ ...places, verify_only: true, ...toDocument(report) }, () => table(call, report))
    if (report.isEqual) return exitCodes.ok
    await print.note(differingWords(report))
    return exitCodes.failed
  })
}

/** A dry run makes no file. */
async function lookAtSource(call: Call, places: MigrationPlaces): Promise<ExitCode> {
  const { withStore, countsOf } = await loadParts()
  return withStore(places.from, async ({ name, transfer }) => {
    if (!transfer) throw usageError(`A history cannot be moved out of a ${name} store`)
    return tellCounts(call, places, await countsOf(transfer), false)
  })
}

async function tellPlan(call: Call, places: MigrationPlaces, { source, state }: TransferPlan): Promise<ExitCode> {
  const { countsOf } = await loadParts()
  return tellCounts(call, places, await countsOf(source), state !== null)
}

async function tellCounts(
  { print }: Call,
  places: MigrationPlaces,
  counts: Readonly<Record<TransferKind, number>>,
  resumed: boolean,
): Promise<ExitCode> {
  await print.answer({ ...places, dry_run: true, resumed, rows: counts }, () => {
    const words = resumed ? 'Go on moving' : 'Move'
    const shape = [
      { head: 'KIND', cell: ([kind]: readonly [string, number]) => kind },
      { head: 'ROWS', cell: ([, count]: readonly [string, number]) => countWords(count), isNumber: true },
    ] as const
    const rows = Object.entries(counts).filter(([, count]) => count > 0)
    return `${formatTable(shape, rows, print.style, print.columns)}${words} all of it ${wayOf(places)}\n`
  })
  return exitCodes.ok
}

/** With a line that says how far it is; Ctrl-C says that it can be gone on with. */
async function working(
  { world, print }: Call,
  counts: Readonly<Record<TransferKind, number>>,
  act: (onProgress: StagedProgress['to']) => Promise<TransferReport>,
): Promise<TransferReport> {
  const progress = new StagedProgress(world, counts)
  try {
    return await act((at) => progress.to(at))
  } catch (error) {
    await progress.end()
    if (!world.signal.aborted) throw error
    await print.note('The same command goes on from here')
    throw interruptedError()
  } finally {
    await progress.end()
  }
}

function readPlaces({ input, world: { env } }: Call): MigrationPlaces {
  const from = input.text('from') ?? (env['TASKLOOM_FROM'] || undefined)
  const to = input.text('to') ?? (env['TASKLOOM_TO'] || undefined)
  if (from !== undefined && to !== undefined) return { from, to }
  throw usageError('From where, and to where? Give --from STORE and --to STORE')
}

function wayOf({ from, to }: MigrationPlaces): string {
  return `from ${safeText(from)} to ${safeText(to)}`
}

function toDocument({ kinds, isEqual }: TransferReport): Readonly<Record<string, Json>> {
  const digest = ({ count, checksum }: TransferDigest): Json => ({ count, checksum })
  return {
    equal: isEqual,
    kinds: kinds.map(({ kind, source, target, isEqual: equal }) => ({
      ...{ kind, equal, source: digest(source), target: digest(target) },
    })),
  }
}

/** Kinds of which neither has anything are left out. */
function table({ print }: Call, { kinds }: TransferReport): string {
  const rows = kinds.filter(({ source, target }) => source.count + target.count > 0)
  const checksum = ({ source, target, isEqual }: KindComparison): string =>
    isEqual ? source.checksum.slice(0, 16) : `${source.checksum.slice(0, 16)} ≠ ${target.checksum.slice(0, 16)}`
  const shape = [
    { head: 'KIND', cell: ({ kind }: KindComparison) => kind },
    { head: 'SOURCE', cell: ({ source }: KindComparison) => countWords(source.count), isNumber: true },
    { head: 'TARGET', cell: ({ target }: KindComparison) => countWords(target.count), isNumber: true },
    { head: 'CHECKSUM', cell: checksum },
  ] as const
  return formatTable(shape, rows, print.style, print.columns)
}

function differingWords({ kinds }: TransferReport): string {
  const names = kinds.filter(({ isEqual }) => !isEqual).map(({ kind }) => kind.replaceAll('_', ' '))
  return `The two differ in ${names.join(', ')}`
}
