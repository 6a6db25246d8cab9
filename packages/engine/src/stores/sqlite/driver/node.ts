import { existsSync } from 'node:fs'
import { withColumnNames } from './column-names.ts'
import type { Changes, Database, Driver, OpenMode, Statement } from './port.ts'

/** What we use of the module `node:sqlite`. The types of Node 20 know nothing of it. */
interface NodeSqlite {
  readonly DatabaseSync: new (path: string, options: { readonly readOnly: boolean }) => DatabaseSync
  readonly StatementSync?: { readonly prototype: object }
}

interface DatabaseSync {
  /** From Node 22.16 on. */
  readonly isTransaction?: boolean
  exec(sql: string): void
  prepare(sql: string): StatementSync
  close(): void
}

/** Also what comes out of it has the shape of `Statement`; only rows differ. */
interface StatementSync {
  run(...params: unknown[]): Changes
  get(...params: unknown[]): unknown
  all(...params: unknown[]): unknown[]
  iterate(...params: unknown[]): IterableIterator<unknown>
  /** From Node 22.16 on. */
  setReturnArrays?(isOn: boolean): void
}

/**
 * SQLite as Node 22.13 and newer bring it; null where there is none, or an older one behind a flag. Node itself warns, once
 * in each thread, that the module is experimental.
 */
export function findNodeDriver(): Driver | null {
  const sqlite = process.getBuiltinModule('node:sqlite') as NodeSqlite | undefined
  if (!sqlite?.StatementSync || !('iterate' in sqlite.StatementSync.prototype)) return null
  const { DatabaseSync } = sqlite
  return {
    name: 'node',
    open(path: string, mode: OpenMode): Database {
      if (mode === 'write' && !existsSync(path)) throw new Error('unable to open database file')
      return new NodeDatabase(new DatabaseSync(path, { readOnly: mode === 'read' }))
    },
  }
}

class NodeDatabase implements Database {
  constructor(private readonly db: DatabaseSync) {}

  get inTransaction(): boolean {
    return this.db.isTransaction ?? this.#refusesToBegin()
  }

  exec(sql: string): void {
    this.db.exec(sql)
  }

  pragma(text: string): void {
    this.db.exec(`PRAGMA ${text}`)
  }

  prepare<P extends unknown[], R>(sql: string): Statement<P, R> {
    return new NodeStatement<P, R>(this.db, sql)
  }

  close(): void {
    this.db.close()
  }

  /** How it is found out where nobody tells: there is never a transaction in a transaction. */
  #refusesToBegin(): boolean {
    try {
      this.db.exec('BEGIN')
    } catch {
      return true
    }
    this.db.exec('ROLLBACK')
    return false
  }
}

class NodeStatement<P extends unknown[], R> implements Statement<P, R> {
  #statement: StatementSync
  #shape: (row: unknown) => unknown = asObject

  constructor(
    private readonly db: DatabaseSync,
    private readonly sql: string,
  ) {
    this.#statement = db.prepare(sql)
  }

  run(...params: P): Changes {
    return this.#statement.run(...bindable(params))
  }

  get(...params: P): R | undefined {
    const row = this.#statement.get(...bindable(params))
    return row === undefined ? undefined : (this.#shape(row) as R)
  }

  all(...params: P): R[] {
    const rows = this.#statement.all(...bindable(params))
    if (this.#shape !== asItIs)
      for (let place = 0; place < rows.length; place += 1) rows[place] = this.#shape(rows[place])
    return rows as R[]
  }

  *iterate(...params: P): IterableIterator<R> {
    for (const row of this.#statement.iterate(...bindable(params))) yield this.#shape(row) as R
  }

  raw(): this {
    const hasArrays = this.#returnArrays()
    // Of objects that Node 22.13 to 22.15 give instead, the names must differ and keep their order.
    if (!hasArrays)
      this.#statement = this.db.prepare(withColumnNames(this.sql, (explain) => this.db.prepare(explain).all()))
    this.#shape = hasArrays ? asItIs : asArray
    return this
  }

  pluck(): this {
    this.#shape = this.#returnArrays() ? firstOf : (row) => asArray(row)[0]
    return this
  }

  #returnArrays(): boolean {
    this.#statement.setReturnArrays?.(true)
    return this.#statement.setReturnArrays !== undefined
  }
}

/** Its rows have no prototype. */
function asObject(row: unknown): unknown {
  return { ...(row as object) }
}

function asArray(row: unknown): unknown[] {
  return Object.values(row as Record<string, unknown>)
}

function firstOf(row: unknown): unknown {
  return (row as readonly unknown[])[0]
}

function asItIs(row: unknown): unknown {
  return row
}

/** What stands for nothing is null to it. Texts end at a NUL when they are read, so none is written. */
function bindable(params: unknown[]): unknown[] {
  for (let place = 0; place < params.length; place += 1) {
    const value = params[place]
    if (value === undefined) params[place] = null
    else if (typeof value === 'string' && value.includes('\0')) params[place] = value.replaceAll('\0', '\ufffd')
  }
  return params
}
