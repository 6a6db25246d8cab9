import { flagOption, rejectUnknown } from '../core/option.ts'
import type { CountDifference, StrayKind } from '../stores/store.ts'
import { runSelfTest, type SelfTestOptions, type SelfTestParts, type SelfTestReport } from './self-test.ts'

const maxExamples = 100

/** How the store is looked after. */
export interface UpkeepOptions {
  /** Only looks and changes nothing; false by default. */
  readonly dryRun?: boolean
}

/** How much of one kind was found. */
export interface Finding {
  /** How many there were. */
  readonly found: number
  /** Zero in a dry run. */
  readonly mended: number
}

/** What was left behind. Locks, attempts, log lines and tags whose task is not there are deleted. */
export interface CleanupReport {
  /** Whether nothing was changed. */
  readonly dryRun: boolean
  /** How long it took, in milliseconds. */
  readonly tookMs: number
  /** Processes that are gone without signing off. */
  readonly workers: Finding
  /** Tasks that they left running, at most 10,000; mended ones are interrupted, or wait again. */
  readonly orphans: Finding
  /** Locks whose task is not there, or has ended. */
  readonly locks: Finding
  /** Attempts whose task is not there. */
  readonly attempts: Finding
  /** Log lines whose task is not there. */
  readonly logs: Finding
  /** Tags whose task is not there. */
  readonly tags: Finding
}

/** How the kept counts compare with what they count. */
export interface ReconcileReport {
  /** Whether nothing was changed. */
  readonly dryRun: boolean
  /** How long it took, in milliseconds. */
  readonly tookMs: number
  /** Buckets of time that were compared. */
  readonly checked: number
  /** Counts that were not right. */
  readonly differing: number
  /** How many were put right; zero in a dry run. */
  readonly mended: number
  /** The first hundred of them. */
  readonly examples: readonly CountDifference[]
}

/** Looks for what should not be there and mends it, a slice at a time, until it is through or the process shuts down. */
export class Housekeeping {
  constructor(private readonly options: SelfTestParts) {}

  async cleanup(options: UpkeepOptions): Promise<CleanupReport> {
    const { clock, presence, ready } = this.options
    const dryRun = parseUpkeep(options)
    const startedAt = clock.now()
    await ready()
    const left = await presence.survey()
    const mended = dryRun ? { workers: 0, orphans: 0 } : await presence.mend()
    const found = {
      workers: { found: left.workers, mended: mended.workers },
      orphans: { found: left.orphans, mended: mended.orphans },
      locks: await this.#strays('locks', dryRun),
      attempts: await this.#strays('attempts', dryRun),
      logs: await this.#strays('logs', dryRun),
      tags: await this.#strays('tags', dryRun),
    }
    return { dryRun, tookMs: clock.now() - startedAt, ...found }
  }

  async reconcile(options: UpkeepOptions): Promise<ReconcileReport> {
    const { store, clock } = this.options
    const dryRun = parseUpkeep(options)
    const startedAt = clock.now()
    const examples: CountDifference[] = []
    let checked = 0
    let differing = 0
    await this.#inSlices(async (after) => {
      const slice = await store.upkeep.recount({ after, mend: !dryRun })
      checked += slice.checked
      differing += slice.differing
      examples.push(...slice.examples.slice(0, maxExamples - examples.length))
      return slice.next
    })
    const mended = dryRun ? 0 : differing
    return { dryRun, tookMs: clock.now() - startedAt, checked, differing, mended, examples }
  }

  selfTest(options: SelfTestOptions): Promise<SelfTestReport> {
    return runSelfTest(this.options, options)
  }

  async #strays(kind: StrayKind, dryRun: boolean): Promise<Finding> {
    let found = 0
    await this.#inSlices(async (after) => {
      const slice = await this.options.store.upkeep.strays({ kind, after, remove: !dryRun })
      found += slice.found
      return slice.next
    })
    return { found, mended: dryRun ? 0 : found }
  }

  /** Between two slices the host may breathe, and the process may shut down. */
  async #inSlices(slice: (after: string | null) => Promise<string | null>): Promise<void> {
    let after: string | null = null
    do {
      await this.options.ready()
      after = await slice(after)
      await new Promise((resolve) => setImmediate(resolve))
    } while (after !== null)
  }
}

function parseUpkeep(options: UpkeepOptions): boolean {
  rejectUnknown(options, ['dryRun'])
  return flagOption(options.dryRun ?? false, 'dryRun')
}
