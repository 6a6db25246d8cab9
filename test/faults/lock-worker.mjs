// Holds the write lock of the given database for so many milliseconds.
import Database from 'better-sqlite3'

const [file, holdMs] = process.argv.slice(2)
const db = new Database(file)
db.exec('BEGIN EXCLUSIVE')
process.stdout.write('locked\n')
setTimeout(() => {
  db.exec('COMMIT')
  db.close()
  process.stdout.write('unlocked\n')
}, Number(holdMs))
