import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { sqlite } from '@taskloom/engine/store'
import Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { withColumnNames } from '../../packages/engine/src/stores/sqlite/driver/column-names.ts'
import { sqliteCode } from '../../packages/engine/src/stores/sqlite/driver/failure.ts'
import { loadDriver } from '../../packages/engine/src/stores/sqlite/driver/index.ts'
import { inTransaction } from '../../packages/engine/src/stores/sqlite/driver/port.ts'

describe('drivers of SQLite', () => {
  it('are one of two', () => {
    expect(() => sqlite('tasks.db', { driver: 'sqlite3' as never })).toThrow(
      expect.objectContaining({ code: 'bad_option', details: expect.objectContaining({ option: 'driver' }) as object }),
    )
  })

  it('are better-sqlite3 where it is installed', async () => {
    expect((await loadDriver(null)).name).toBe('better-sqlite3')
    expect((await loadDriver('better-sqlite3')).name).toBe('better-sqlite3')
  })

  it('are loaded when a file is opened, and not with the engine', () => {
    const dist = fileURLToPath(new URL('../../packages/engine/dist/', import.meta.url))
    const files = readdirSync(dist, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.js'))
    expect(files).toContain(join('stores', 'sqlite', 'index.js'))
    const early = /^import [^;]*from '(better-sqlite3|node:sqlite)'/m
    expect(files.filter((name) => early.test(readFileSync(join(dist, name), 'utf8')))).toEqual([])
    expect(early.test("import x from 'node:sqlite';")).toBe(true)
  })

  it('say by one word what SQLite refused', () => {
    const said = [
      { code: 'SQLITE_BUSY_SNAPSHOT' },
      { code: 'ERR_SQLITE_ERROR', errcode: 5 },
      { code: 'ERR_SQLITE_ERROR', errcode: 517 },
      { code: 'ERR_SQLITE_ERROR', errcode: 26 },
      { code: 'ERR_SQLITE_ERROR', errcode: 1 },
      { code: 'ENOENT' },
      null,
    ]
    expect(said.map(sqliteCode)).toEqual([
      'SQLITE_BUSY_SNAPSHOT',
      'SQLITE_BUSY',
      'SQLITE_BUSY',
      'SQLITE_NOTADB',
      'SQLITE_ERROR',
      null,
      null,
    ])
  })

  it('ask for rows whose columns can be told apart by their names', () => {
    const db = new Database(':memory:')
    const questions = [
      "SELECT 'x', 7, 8 AS name, value AS name FROM json_each(?) ORDER BY value DESC",
      'WITH own (a) AS (SELECT 1) SELECT a, a, value FROM own, json_each(?) LIMIT 2',
    ]
    for (const sql of questions) {
      const named = withColumnNames(sql, (explain) => db.prepare(explain).all('[1,2,3]'))
      const rows = db.prepare(named).all('[1,2,3]') as Record<string, unknown>[]
      expect(rows.map((row) => Object.values(row))).toEqual(db.prepare(sql).raw().all('[1,2,3]'))
    }
    db.close()
  })

  it('do all of a transaction or nothing', () => {
    const db = new Database(':memory:')
    db.exec('CREATE TABLE t (n)')
    const add = (fails: boolean) => () => {
      db.exec('INSERT INTO t VALUES (1)')
      if (fails) throw new Error('no')
      return 'yes'
    }
    expect(() => inTransaction(db, add(true))).toThrow('no')
    expect(inTransaction(db, add(false))).toBe('yes')
    expect(db.prepare('SELECT count(*) FROM t').pluck().get()).toBe(1)
    expect(db.inTransaction).toBe(false)
    db.close()
  })
})
