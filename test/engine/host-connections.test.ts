import { linkSync } from 'node:fs'
import { memory, type TaskError, type TaskManager } from '@taskloom/engine'
import type Database from 'better-sqlite3'
import { describe, expect, it } from 'vitest'
import { connect, nextFile, openShop } from './host-shop.ts'
import { openManager, withCode } from './open-manager.ts'

describe('enqueueIn refuses', () => {
  function reasonOf(act: () => unknown): unknown {
    try {
      act()
    } catch (error) {
      const { code, details } = error as TaskError
      return code === 'bad_connection' ? details['reason'] : code
    }
    return 'nothing'
  }

  it('a connection it cannot use, and says why', async () => {
    const { tasks, file, sendMail, db } = await openShop()
    const inside = (connection: Database.Database) =>
      reasonOf(() => connection.transaction(() => sendMail.enqueueIn(connection, 1))())
    expect(reasonOf(() => sendMail.enqueueIn(db, 1))).toBe('no_transaction')
    expect(reasonOf(() => sendMail.enqueueIn(undefined as never, 1))).toBe('not_a_connection')
    expect(reasonOf(() => sendMail.enqueueIn({ inTransaction: true } as never, 1))).toBe('not_a_connection')
    expect(inside(connect(':memory:'))).toBe('other_file')
    expect(inside(connect(nextFile()))).toBe('other_file')
    expect(inside(connect(file, { readonly: true }))).toBe('readonly')
    const closed = connect(file)
    closed.close()
    expect(reasonOf(() => sendMail.enqueueIn(closed, 1))).toBe('closed')
    const hardLink = nextFile()
    linkSync(file, hardLink)
    expect(inside(connect(hardLink))).toBe('other_file')
    const hiding = connect(file)
    hiding.exec('CREATE TEMP TABLE tasks (id)')
    expect(inside(hiding)).toBe('hidden_tables')
    const attaching = connect(nextFile())
    attaching.prepare('ATTACH ? AS mine').run(file)
    expect(inside(attaching)).toBe('other_file')
    await tasks.idle()
    expect(await tasks.list()).toMatchObject({ total: 0 })
  })

  it('a store that is no SQLite, not open yet, or shut down', async () => {
    const file = nextFile()
    const db = connect(file)
    const inside = (tasks: TaskManager) => reasonOf(() => db.transaction(() => tasks.enqueueIn(db, 'send_mail', [1]))())
    const inMemory = openManager({ store: memory() })
    inMemory.define('send_mail', () => undefined)
    await inMemory.start()
    expect(inside(inMemory)).toBe('unsupported')
    const tasks = openManager({ store: file })
    tasks.define('send_mail', () => undefined)
    expect(inside(tasks)).toBe('not_open')
    await tasks.open()
    expect(inside(tasks)).toBe('nothing')
    await tasks.shutdown()
    expect(inside(tasks)).toBe('shut_down')
  })

  it('a schema of another version, and says so', async () => {
    const { tasks, sendMail, db } = await openShop()
    db.transaction(() => sendMail.enqueueIn(db, 1))()
    await tasks.idle()
    const version = db.prepare('SELECT version FROM schema_version').pluck().get() as number
    db.prepare('UPDATE schema_version SET version = ?').run(version + 1)
    const enqueue = db.transaction(() => sendMail.enqueueIn(db, 2))
    expect(enqueue).toThrow(withCode('store_failed'))
    expect(enqueue).toThrow(/schema/)
    db.prepare('UPDATE schema_version SET version = ?').run(version)
    expect(enqueue()).toMatchObject({ deduplicated: false })
  })

  it('a write that lost against another process, in words that help', async () => {
    const { file, sendMail, db, orders } = await openShop()
    const other = connect(file)
    let next = 1
    const late = db.transaction(() => {
      orders()
      other.prepare('INSERT INTO orders VALUES (?)').run((next += 1))
      sendMail.enqueueIn(db, 1)
    })
    expect(late).toThrow(withCode('store_failed'))
    expect(late).toThrow(/immediate/)
  })
})
