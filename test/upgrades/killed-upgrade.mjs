// Dies in the middle of bringing a file up to date: after so many steps, inside their transaction.
import Database from 'better-sqlite3'
import { migrate } from '../../packages/engine/dist/stores/sqlite/migrations.js'

const [path, steps] = process.argv.slice(2)
const db = new Database(path)
const exec = db.exec.bind(db)
let done = 0
db.exec = (sql) => {
  exec(sql)
  // BEGIN and the table of the version come before the steps.
  done += 1
  if (done === Number(steps) + 2) process.kill(process.pid, 'SIGKILL')
  return db
}
migrate(db)
