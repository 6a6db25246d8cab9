// A process whose host code enqueues inside its own transactions; the test says where it stands still to be killed.
import { writeSync } from 'node:fs'
import { TaskManager } from '@taskloom/engine'
import Database from 'better-sqlite3'

const [file, moment, count = '0', name = ''] = process.argv.slice(2)
const tasks = new TaskManager({ store: file })
const sendMail = tasks.define('send_mail', (order) => order)
await tasks.start()
const db = new Database(file)
db.exec('CREATE TABLE IF NOT EXISTS orders (id TEXT PRIMARY KEY)')
const insertOrder = db.prepare('INSERT INTO orders VALUES (?)')

const say = (line) => writeSync(1, `${line}\n`)
/** Nothing moves in this process any more, not even the event loop. */
const standStill = () => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)

function place(order, then = () => undefined) {
  insertOrder.run(order)
  const { id } = sendMail.with({ idempotencyKey: order, locks: [order], tags: { order } }).enqueueIn(db, order)
  then(id)
  return id
}

if (moment === 'before commit') {
  db.transaction(() =>
    place('order', (id) => {
      say(`written ${id}`)
      standStill()
    }),
  ).immediate()
} else if (moment === 'after commit') {
  say(`committed ${db.transaction(() => place('order')).immediate()}`)
  standStill()
} else {
  say('ready')
  for (let n = 0; n < Number(count); n += 1) {
    const isTakenBack = n % 3 === 0
    try {
      db.transaction(() => {
        place(`${name} ${n}`)
        if (isTakenBack) throw new Error('taken back')
      }).immediate()
    } catch (error) {
      if (error.message !== 'taken back') throw error
    }
    await sendMail.enqueue(`${name} ${n} outside`)
  }
  await tasks.idle()
  say('done')
  db.close()
  await tasks.shutdown()
}
