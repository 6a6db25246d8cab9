import { TaskError } from '../../core/errors.ts'
import type { LogLine, TaskRecord } from '../../core/record.ts'
import type { AuditDraft } from '../audit.ts'
import type { Beside, DueQuestion, HistoryQuestion, NewTaskWrite, TaskStore, Write, Written } from '../store.ts'
import { decide, decideAll, needsOf, type Decision, type Doubt, type Known } from '../unit/index.ts'
import { decidePlainly, type Plain } from './at-once.ts'
import { DatabaseError, type BulkSession, type Dialect } from './database.ts'
import { deleteOld, deleteOne } from './deletion.ts'
import { readDue, readNextDueAt, readOrphans, readTasks } from './find.ts'
import { Folding } from './fold.ts'
import { guess, noGuesses } from './guess.ts'
import { inParts } from './independent.ts'
import { Lane, mostBeside, type Deed, type Kind } from './lane.ts'
import { addLines, type Lines } from './lines.ts'
import { load } from './load.ts'
import { save } from './save.ts'
import { asked, type Writer } from './writer.ts'

/** Writes that one transaction takes at most. */
const maxWrites = 2_000
const maxAppends = 1_000
/** Tasks that one statement reads at most. */
const maxRead = 100

type Act = () => Promise<unknown>

/**
 * Tasks in tables on a server. Writes are decided here, batch by batch, each in one transaction: what is asked for while a
 * batch is on its way goes with the next one. They are done in the order in which they were asked for.
 */
export class SqlTasks implements TaskStore {
  readonly #lane = new Lane()
  readonly #folding: Folding
  readonly #dialect: Dialect
  readonly #writes: Kind<Write, Written>
  readonly #appends: Kind<Lines, void>
  readonly #acts: Kind<Act, unknown>

  #wanted: { readonly taskIds: string[]; readonly found: Promise<ReadonlyMap<string, TaskRecord>> } | null = null

  constructor(private readonly writer: Writer) {
    this.#dialect = writer.database.dialect
    this.#folding = new Folding(writer)
    this.#writes = { most: maxWrites, plan: (batch) => this.#planWrites(batch) }
    this.#appends = { most: maxAppends, plan: (batch) => ({ changes: null, act: () => this.#append(batch) }) }
    this.#acts = { most: 1, plan: (acts) => ({ changes: null, act: () => Promise.all(acts.map(answerOf)) }) }
  }

  /** Where a batch goes in one round trip, the process has time for the next one while the server works. */
  get batchesAtOnce(): number {
    return this.writer.canAtOnce ? mostBeside : 1
  }

  /** Takes no more writes; resolves when those that were asked for are done. */
  async close(): Promise<void> {
    await this.#lane.close()
    await this.#folding.close()
  }

  write(batch: readonly Write[]): Promise<readonly Written[]> {
    return this.#lane.ask(this.#writes, batch)
  }

  writeAll(batch: readonly NewTaskWrite[]): Promise<readonly TaskRecord[]> {
    if (batch.length === 0) return Promise.resolve([])
    return this.#inOrder(async () => (await this.#commit(batch, decideAll)) as readonly TaskRecord[])
  }

  async appendLogs(taskId: string, lines: readonly LogLine[]): Promise<void> {
    if (lines.length === 0) return
    const [refused] = await this.#lane.ask(this.#appends, [{ taskId, lines }])
    if (refused instanceof TaskError) throw refused
  }

  async get(taskId: string): Promise<TaskRecord | undefined> {
    return (await asked(this.#found(taskId))).get(taskId)
  }

  due(question: DueQuestion): Promise<readonly TaskRecord[]> {
    return asked(readDue(this.writer.database.session, this.#dialect, question))
  }

  nextDueAt(now: number): Promise<number | null> {
    return asked(readNextDueAt(this.writer.database.session, now))
  }

  orphans(liveWorkerIds: readonly string[], limit: number): Promise<readonly TaskRecord[]> {
    return asked(readOrphans(this.writer.database.session, this.#dialect, liveWorkerIds, limit))
  }

  delete(taskId: string, beside: Beside = {}): Promise<boolean> {
    return this.#inOrder(() => this.#run((session, doubt) => deleteOne(session, this.#dialect, taskId, beside, doubt)))
  }

  deleteHistory(question: HistoryQuestion, audit?: AuditDraft): Promise<readonly string[]> {
    let deleted: readonly string[] = []
    return this.#inOrder(() =>
      this.#run(async (session, doubt) => {
        // Whatever of them is there was not deleted by a COMMIT that nobody answered.
        if (doubt === 'unanswered' && deleted.length > 0 && !(await this.#isAnyOf(session, deleted))) return deleted
        return (deleted = await deleteOld(session, this.#dialect, question, audit))
      }),
    )
  }

  /** Tasks that are asked for in one turn are read together. */
  #found(taskId: string): Promise<ReadonlyMap<string, TaskRecord>> {
    if (this.#wanted === null || this.#wanted.taskIds.length >= maxRead) {
      const taskIds: string[] = []
      const found = Promise.resolve().then(() => {
        if (this.#wanted?.taskIds === taskIds) this.#wanted = null
        return readTasks(this.writer.database.session, this.#dialect, taskIds)
      })
      this.#wanted = { taskIds, found }
    }
    this.#wanted.taskIds.push(taskId)
    return this.#wanted.found
  }

  async #inOrder<T>(act: () => Promise<T>): Promise<T> {
    const [answer] = await this.#lane.ask(this.#acts, [act])
    if (answer instanceof TaskError) throw answer
    return answer as T
  }

  /** What is plain goes side by side with another batch; of another its own parts do that do not concern each other. */
  #planWrites(batch: readonly Write[]): Deed<Written> {
    const plain = this.#decidePlainly(batch)
    if (!plain) return { changes: null, act: () => this.#writeParts(batch) }
    return { changes: new Set(batch.map(({ next }) => next.taskId)), act: () => this.#writeEach(batch, plain) }
  }

  async #writeParts(batch: readonly Write[]): Promise<readonly Written[]> {
    return inParts(batch, (part) => this.#writeEach(part, this.#decidePlainly(part)))
  }

  /** Most batches need nothing to be asked for: null for one that does, or that cannot be decided at all. */
  #decidePlainly(batch: readonly Write[]): Plain | null {
    try {
      return this.writer.canAtOnce ? decidePlainly(batch) : null
    } catch {
      return null
    }
  }

  /** Of a batch that is refused each half gets a try of its own, so that in the end only the guilty are. */
  async #writeEach(batch: readonly Write[], plain: Plain | null): Promise<readonly Written[]> {
    try {
      return await this.#commitQuickly(batch, plain)
    } catch (cause) {
      const refused = toTaskError(cause)
      if (batch.length === 1 || !isRefused(refused)) return batch.map(() => refused)
      const middle = Math.ceil(batch.length / 2)
      const [first, second] = [batch.slice(0, middle), batch.slice(middle)]
      const answers = await this.#writeEach(first, this.#decidePlainly(first))
      return [...answers, ...(await this.#writeEach(second, this.#decidePlainly(second)))]
    }
  }

  /** What is plain goes in one round trip, and as everything else does only when that fails. */
  async #commitQuickly(batch: readonly Write[], plain: Plain | null): Promise<readonly Written[]> {
    if (!plain) return this.#commit(batch, decide)
    const failure = await this.writer.atOnce(plain.writes)
    if (failure) return this.#commit(batch, decide, doubtAfter(failure))
    this.#folding.note()
    return plain.answers
  }

  #commit<W extends Write>(
    batch: readonly W[],
    decideFor: (batch: readonly W[], known: Known, doubt: Doubt) => Decision,
    doubt: Doubt | null = null,
  ): Promise<readonly Written[]> {
    let isFirst = doubt === null
    return this.#run(async (session, doubt) => {
      const guesses = isFirst ? guess(batch) : noGuesses
      isFirst = false
      const known = await load(session, this.#dialect, needsOf(batch, doubt), guesses)
      const { answers, changes } = decideFor(batch, known, doubt)
      await save(session, this.#dialect, changes, guesses)
      return answers
    }, doubt ?? 'none')
  }

  async #append(batch: readonly Lines[]): Promise<readonly (void | TaskError)[]> {
    const before = new Map<string, number>()
    const answer = await answerOf(() =>
      this.#run((session, doubt) => addLines(session, this.#dialect, batch, before, doubt)),
    )
    return batch.map(() => (answer instanceof TaskError ? answer : undefined))
  }

  async #isAnyOf(session: BulkSession, taskIds: readonly string[]): Promise<boolean> {
    const sql = `SELECT id FROM @tasks WHERE ${this.#dialect.among('id')} LIMIT 1`
    return (await session.rows(sql, [taskIds])).length > 0
  }

  /** In a transaction that is tried again; a doubt stays until the end. */
  async #run<T>(act: (session: BulkSession, doubt: Doubt) => Promise<T>, before: Doubt = 'none'): Promise<T> {
    let doubt = before
    const value = await this.writer.run((session, last) => {
      if (last && doubt !== 'unanswered') doubt = doubtAfter(last) === 'none' ? doubt : doubtAfter(last)
      return act(session, doubt)
    })
    this.#folding.note()
    return value
  }
}

function doubtAfter({ failure }: DatabaseError): Doubt {
  if (failure === 'unanswered') return 'unanswered'
  return failure === 'duplicate' ? 'clash' : 'none'
}

async function answerOf(act: Act): Promise<unknown> {
  try {
    return await act()
  } catch (cause) {
    return toTaskError(cause)
  }
}

function toTaskError(cause: unknown): TaskError {
  if (cause instanceof TaskError) return cause
  const reason = cause instanceof Error ? cause.message : 'unknown reason'
  return new TaskError('store_failed', { message: `The store refused a write: ${reason}` }, { cause })
}

/** Whether a statement or a value was not what the database takes: without it the others would be stored. */
function isRefused({ cause }: TaskError): boolean {
  return cause instanceof DatabaseError && cause.failure === 'refused'
}
