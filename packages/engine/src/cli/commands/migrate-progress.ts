import type { TransferKind } from '../../stores/transfer/port.ts'
import type { TransferProgress } from '../../stores/transfer/run.ts'
import { startProgress, type Progress } from '../progress.ts'
import type { World } from '../world.ts'

/** One line at a time: each kind is copied, and then compared. */
export class StagedProgress {
  #stage = ''
  #line: Progress | null = null

  constructor(
    private readonly world: World,
    /** How many rows the source has. */
    private readonly counts: Readonly<Record<TransferKind, number>>,
  ) {}

  async to({ stage, kind, done }: TransferProgress): Promise<void> {
    const isCopy = stage === 'copy'
    const total = this.counts[kind] * (isCopy ? 1 : 2)
    if (this.#stage !== `${stage} ${kind}`) {
      await this.end()
      this.#stage = `${stage} ${kind}`
      this.#line = startProgress(this.world, `${isCopy ? 'Copying' : 'Comparing'} ${kind.replaceAll('_', ' ')}:`, total)
    }
    await this.#line?.to(Math.min(done, total))
  }

  async end(): Promise<void> {
    await this.#line?.end()
    this.#line = null
  }
}
