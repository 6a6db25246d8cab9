import type { Job } from 'bullmq'
import type { QueueHost } from '../queue.ts'
import type { Driver } from './driver.ts'
import { taskIdsOf } from './job.ts'
import type { Told } from './verdict.ts'

/** Tells BullMQ what became of a job that a worker was given. */
export class Answers {
  constructor(
    private readonly driver: Driver,
    private readonly host: Pick<QueueHost, 'announcer'>,
  ) {}

  /** Moves the job where it belongs, by the ways of BullMQ. */
  async give(told: Told, job: Job, token: string): Promise<null> {
    const { UnrecoverableError, DelayedError, WaitingError } = this.driver.bullmq
    switch (told.kind) {
      case 'completed':
        return null
      case 'ended':
        throw new UnrecoverableError(told.why)
      case 'failed':
        throw new RetriedError(told.why, told.retryAt)
      case 'delayed':
        await this.#giveBack(job, () => job.moveToDelayed(told.at, token))
        throw new DelayedError()
      case 'waiting':
        await this.#giveBack(job, () => job.moveToWait(token))
        throw new WaitingError()
    }
  }

  /**
   * BullMQ would take an error for one of the job and keep that as failed, whatever becomes of its task. So the job stays
   * where it is, and comes again when its lock has run out.
   */
  async #giveBack(job: Job, move: () => Promise<unknown>): Promise<void> {
    try {
      await move()
    } catch (error) {
      this.host.announcer.events.fault('giving a job back', error, taskIdsOf(job.data)?.[0])
    }
  }
}

/** An attempt has failed and there is another one: BullMQ counts it, and waits as long as we say. */
export class RetriedError extends Error {
  override readonly name = 'RetriedError'

  constructor(
    message: string,
    readonly retryAt: number,
  ) {
    super(message)
  }
}
