import { TaskError } from '../../core/errors.ts'
import type { TaskRecord } from '../../core/record.ts'
import type { NewTaskWrite, Write, Written } from '../store.ts'
import { decideAll } from '../unit/index.ts'
import { LostReply, type Connection } from './connection.ts'
import type { KnownTask, TaskCache } from './known-tasks.ts'
import type { Lane, Proposal } from './lane.ts'
import { proposePlainly } from './plain.ts'
import { proposeUnit, type UnitAnswer } from './propose.ts'
import { saveLines } from './save.ts'

/** A commit is bounded, because Redis does nothing else meanwhile: about a few milliseconds. */
const maxWrites = 500
const maxCharacters = 1_000_000

interface WaitingWrite {
  readonly write: Write
  readonly settle: (written: Written) => void
}

interface WaitingLines {
  readonly taskId: string
  readonly lines: readonly string[]
  readonly settle: (refused: TaskError | null) => void
}

type Waiting = WaitingWrite | WaitingLines

/** What a commit needs of whom it is for. */
type PortionProposal = Proposal<() => readonly KnownTask[]>

/** A commit that is on its way beside the one of the main lane. */
interface Beside {
  readonly taskIds: ReadonlySet<string>
  /** Never rejects. */
  readonly done: Promise<void>
}

/** Fewer than so many wait for the commit that is on its way: one of their own would cost Redis more than it gains. */
const enoughBeside = 100

/** The two lanes in which a queue commits. */
export interface Lanes {
  readonly main: Lane
  /** Plain writes of tasks that the main lane has nothing to do with: they are made while Redis does the others. */
  readonly beside: Lane
}

/**
 * Puts what is asked for while a commit is on its way into the next one. That one goes beside it when it is large, and about
 * tasks that are others, on which nothing else hangs.
 */
export class CommitQueue {
  #waiting: Waiting[] = []
  #isScheduled = false
  #isClosed = false
  /** The tasks of what the main lane commits; null when nothing may go beside it. */
  #mainIds: ReadonlySet<string> | null = null
  #beside: Beside | null = null
  /** Whether what waits must wait for the main lane. */
  #isHeld = false
  /** How much waits, or is on its way, that is committed by itself. */
  #alone = 0

  constructor(
    private readonly lanes: Lanes,
    private readonly cache: TaskCache,
  ) {}

  get connection(): Connection {
    return this.lanes.main.connection
  }

  /** Each answer stands at the place of its write. Never rejects. */
  write(batch: readonly Write[]): Promise<readonly Written[]> {
    if (this.#isClosed) return Promise.resolve(batch.map(() => closed()))
    const answers = batch.map((write) => new Promise<Written>((settle) => void this.#waiting.push({ write, settle })))
    this.#schedule()
    return Promise.all(answers)
  }

  /** Lines at the end of a task's log. */
  append(taskId: string, lines: readonly string[]): Promise<void> {
    if (this.#isClosed) return Promise.reject(closed())
    return new Promise((resolve, reject) => {
      const settle = (refused: TaskError | null): void => (refused ? reject(refused) : resolve())
      this.#waiting.push({ taskId, lines, settle })
      this.#schedule()
    })
  }

  /** New tasks in one commit, all of them or none. */
  async together(batch: readonly NewTaskWrite[]): Promise<readonly TaskRecord[]> {
    const { answers, tasks } = await this.alone((isAgain) =>
      proposeUnit(this.connection, this.cache, batch, isAgain, (known) => decideAll(batch, known)),
    )
    this.#remember(tasks)
    return answers as readonly TaskRecord[]
  }

  /** Something that is committed by itself. */
  async alone<T>(propose: (isAgain: boolean) => Promise<Proposal<T>>): Promise<T> {
    if (this.#isClosed) throw closed()
    this.#alone += 1
    try {
      return await this.lanes.main.run(async (isAgain) => {
        await this.#beside?.done
        return propose(isAgain)
      })
    } finally {
      this.#alone -= 1
    }
  }

  /** Refuses all that comes, and resolves when what came before is settled. */
  async close(): Promise<void> {
    this.#isClosed = true
    while (this.#isScheduled || this.#beside) {
      await this.lanes.main.idle()
      await this.#beside?.done
    }
    await this.lanes.main.idle()
  }

  #schedule(): void {
    if (this.#waiting.length === 0) return
    if (this.#isScheduled) return this.#commitBeside()
    this.#isScheduled = true
    void this.#commitNext()
  }

  async #commitNext(): Promise<void> {
    let portion: readonly Waiting[] | null = null
    try {
      const settle = await this.lanes.main.run(async (isAgain) => {
        // Taken when its turn has come: until then more may join it.
        portion ??= this.#take()
        const proposal = await this.#propose(portion, isAgain)
        this.#commitBeside()
        return proposal
      })
      this.#remember(settle())
    } catch (error) {
      this.#isHeld = true
      await this.#refuse(portion ?? [], error as TaskError, (own) =>
        this.lanes.main.run((isAgain) => this.#propose(own, isAgain)),
      )
    }
    this.#isScheduled = false
    this.#isHeld = false
    this.#mainIds = null
    this.#schedule()
  }

  /** Commits what waits beside what the main lane commits, if it is enough and has nothing to do with that. */
  #commitBeside(): void {
    if (this.#mainIds === null || this.#beside || this.#isHeld || this.#alone > 0) return
    if (this.#waiting.length < enoughBeside) return
    const portion = this.#take()
    const taskIds = idsOf(portion)
    const plain = areDisjoint(taskIds, this.#mainIds) ? this.#proposePlainly(portion) : null
    if (plain === null) {
      this.#isHeld = true
      this.#waiting.unshift(...portion)
      return
    }
    const done = this.#settleBeside(portion, plain)
    this.#beside = { taskIds, done }
  }

  async #settleBeside(portion: readonly Waiting[], plain: PortionProposal): Promise<void> {
    try {
      const settle = await this.lanes.beside.run((isAgain) =>
        isAgain ? this.#proposeUnit(portion, isAgain) : Promise.resolve(plain),
      )
      this.#remember(settle())
    } catch (error) {
      // In its own lane: what the main lane does may be waiting for the end of this.
      await this.#refuse(portion, error as TaskError, (own) =>
        this.lanes.beside.run((isAgain) => this.#proposeUnit(own, isAgain)),
      )
    }
    this.#beside = null
    this.#schedule()
  }

  #take(): readonly Waiting[] {
    let characters = 0
    let end = 0
    for (const waiting of this.#waiting) {
      characters += sizeOf(waiting)
      if (end === maxWrites || (end > 0 && characters > maxCharacters)) break
      end += 1
    }
    return this.#waiting.splice(0, end)
  }

  /** For the main lane: what concerns the same as what is beside it waits for that, and so does all that is not plain. */
  async #propose(portion: readonly Waiting[], isAgain: boolean): Promise<PortionProposal> {
    const taskIds = idsOf(portion)
    this.#mainIds = null
    if (this.#beside && !areDisjoint(taskIds, this.#beside.taskIds)) await this.#beside.done
    const plain = isAgain ? null : this.#proposePlainly(portion)
    if (plain) {
      this.#mainIds = taskIds
      return plain
    }
    await this.#beside?.done
    return this.#proposeUnit(portion, isAgain)
  }

  #proposePlainly(portion: readonly Waiting[]): PortionProposal | null {
    const writes = portion.filter(isWrite)
    const plain = proposePlainly(
      writes.map(({ write }) => write),
      this.cache,
    )
    return plain && settled(portion, writes, plain)
  }

  async #proposeUnit(portion: readonly Waiting[], isAgain: boolean): Promise<PortionProposal> {
    const writes = portion.filter(isWrite)
    const batch = writes.map(({ write }) => write)
    return settled(portion, writes, await proposeUnit(this.connection, this.cache, batch, isAgain))
  }

  /** One of several may be to blame: each gets a commit of its own, unless Redis was away. */
  async #refuse(
    portion: readonly Waiting[],
    error: TaskError,
    commit: (own: readonly Waiting[]) => Promise<() => readonly KnownTask[]>,
  ): Promise<void> {
    const isAway = !(error.cause instanceof Error) || error.cause instanceof LostReply
    for (const waiting of portion) {
      if (isAway || portion.length === 1) {
        waiting.settle(error)
        continue
      }
      try {
        const settle = await commit([waiting])
        this.#remember(settle())
      } catch (own) {
        waiting.settle(own as TaskError)
      }
    }
  }

  #remember(tasks: readonly KnownTask[]): void {
    for (const task of tasks) this.cache.keep(task)
  }
}

/** With the lines that are stored; what became of the writes is told when they are committed, and not before. */
function settled(
  portion: readonly Waiting[],
  writes: readonly WaitingWrite[],
  { changes, answer }: Proposal<UnitAnswer>,
): PortionProposal {
  const stored = new Set(answer.answers)
  for (const waiting of portion) {
    if ('lines' in waiting) changes.lines(waiting.taskId, waiting.lines)
    else if (stored.has(waiting.write.next)) saveLines(changes, waiting.write)
  }
  const settle = (): readonly KnownTask[] => {
    for (const [index, { settle }] of writes.entries()) settle(answer.answers[index] ?? null)
    for (const waiting of portion) if ('lines' in waiting) waiting.settle(null)
    return answer.tasks
  }
  return { changes, answer: settle }
}

function isWrite(waiting: Waiting): waiting is WaitingWrite {
  return 'write' in waiting
}

function idsOf(portion: readonly Waiting[]): ReadonlySet<string> {
  return new Set(portion.map((waiting) => ('write' in waiting ? waiting.write.next.taskId : waiting.taskId)))
}

function areDisjoint(some: ReadonlySet<string>, others: ReadonlySet<string>): boolean {
  for (const taskId of some) if (others.has(taskId)) return false
  return true
}

function sizeOf(waiting: Waiting): number {
  if ('write' in waiting) return waiting.write.next.args.length + (waiting.write.next.result?.length ?? 0)
  return waiting.lines.reduce((sum, line) => sum + line.length, 0)
}

function closed(): TaskError {
  return new TaskError('store_failed', { message: 'The store is closed' })
}
