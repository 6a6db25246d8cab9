// Connections of this process to SQLite, of which those that write can be told that there is no more room.
import Database from 'better-sqlite3'

const connections = new Set()
const { pragma } = Database.prototype
Database.prototype.pragma = function (...words) {
  connections.add(this)
  return pragma.apply(this, words)
}

const limit = (pagesOf) => {
  for (const db of connections) if (db.open && !db.readonly) pragma.call(db, `max_page_count = ${pagesOf(db)}`)
}

export const fillDisk = () => limit((db) => pragma.call(db, 'page_count', { simple: true }))
export const makeRoom = () => limit(() => 1_000_000)
