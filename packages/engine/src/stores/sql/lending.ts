import { DatabaseError, type Param, type Row, type Session } from './database.ts'

/** What a statement came to: the rows it read, or how many it wrote. */
export interface Answer {
  readonly rows: readonly Row[]
  readonly count: number
}

/** A connection that was borrowed of a pool. */
export interface Link {
  /** Rejects with a `DatabaseError`, in time. */
  ask(sql: string, params?: readonly Param[]): Promise<Answer>
  /** Gives it back. Never rejects. */
  release(): Promise<void> | void
  /** Throws it away: nobody knows in what state it is. Never throws. */
  destroy(): void
}

/** Lets `act` have a connection; one that failed is thrown away. */
export async function lend<L extends Link, T>(borrowed: Promise<L>, act: (link: L) => Promise<T>): Promise<T> {
  const link = await borrowed
  let isBroken = false
  try {
    return await act(link)
  } catch (cause) {
    isBroken = isUncertain(cause)
    throw cause
  } finally {
    if (isBroken) link.destroy()
    else await link.release()
  }
}

/** Passes on what a statement came to, and remembers that it failed. */
export type Watch = <T>(asked: Promise<T>) => Promise<T>

/**
 * Begins, acts and commits, or rolls back. When anything watched has failed nothing is committed, even where `act` went on
 * after it: some databases have rolled back by then, and would commit what comes later.
 */
export async function inTransaction<T>(
  link: Link,
  begin: readonly string[],
  act: (watch: Watch) => Promise<T>,
): Promise<T> {
  const failures: unknown[] = []
  const watch: Watch = async (asked) => {
    try {
      return await asked
    } catch (cause) {
      failures.push(cause)
      throw cause
    }
  }
  for (const statement of begin) await link.ask(statement)
  try {
    const value = await act(watch)
    if (failures.length > 0) throw failures[0]
    await commit(link)
    return value
  } catch (cause) {
    if (![cause, ...failures].some(isUncertain)) await link.ask('ROLLBACK')
    throw cause
  }
}

/** Asks in one way, and takes of each answer what was wanted. */
export function sessionOf(ask: Link['ask']): Session {
  return {
    rows: async (sql, params) => (await ask(sql, params)).rows,
    run: async (sql, params) => (await ask(sql, params)).count,
  }
}

/** The session of a transaction. */
export function watched(link: Link, watch: Watch): Session {
  return sessionOf((sql, params) => watch(link.ask(sql, params)))
}

async function commit(link: Link): Promise<void> {
  try {
    await link.ask('COMMIT')
  } catch (cause) {
    if (!(cause instanceof DatabaseError) || cause.failure !== 'unreachable') throw cause
    throw new DatabaseError('unanswered', cause.message, { cause })
  }
}

/** Whether the server did not say what became of a statement. */
function isUncertain(cause: unknown): boolean {
  return cause instanceof DatabaseError && (cause.failure === 'unreachable' || cause.failure === 'unanswered')
}
