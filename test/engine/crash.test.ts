import { spawn, type ChildProcess } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Database from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { seededRandom } from './seeded-random.ts'

const script = fileURLToPath(new URL('./crash-worker.mjs', import.meta.url))
const kills = 20
const tasksInAll = 5_000
const latestKillMs = 200

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'taskloom-crash-'))
})
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }))

function startProcess(store: string, journal: string, count: number): ChildProcess {
  return spawn(process.execPath, [script, store, journal, String(count)], { stdio: ['ignore', 'pipe', 'inherit'] })
}

/** Resolves when the process has said a word; its output goes on being read, or it would break on a closed pipe. */
function hear(child: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let heard = ''
    child.stdout!.setEncoding('utf8').on('data', (chunk: string) => {
      heard += chunk
      if (heard.includes(word)) resolve()
    })
    child.once('exit', () => reject(new Error(`The process ended before it said ${word}`)))
  })
}

async function factsOf(journal: string, word: 'ack' | 'run'): Promise<string[]> {
  const text = await readFile(journal, 'utf8').catch(() => '')
  const lines = text.split('\n').filter((line) => line.startsWith(`${word} `))
  return lines.map((line) => line.slice(word.length + 1))
}

function acknowledgedIds(journal: string): Promise<string[]> {
  return factsOf(journal, 'ack')
}

interface Row {
  readonly id: string
  readonly status: string
  readonly attempt: number
}

describe('kill -9 at random moments', () => {
  it('loses nothing that was acknowledged and runs nothing twice without a mark', { timeout: 180_000 }, async () => {
    const seed = randomInt(1, 1_000_000)
    console.info(`crash test, seed ${seed}`)
    const random = seededRandom(seed)
    const store = join(folder, 'tasks.db')
    const journal = join(folder, 'journal.txt')

    for (let kill = 0; kill < kills; kill += 1) {
      const child = startProcess(store, journal, tasksInAll - (await acknowledgedIds(journal)).length)
      const exited = once(child, 'exit')
      await hear(child, 'started')
      // The moment is chance itself: what must hold may not depend on where the process was.
      const timer = setTimeout(() => child.kill('SIGKILL'), random() * latestKillMs)
      await exited
      clearTimeout(timer)
    }
    const last = startProcess(store, journal, tasksInAll - (await acknowledgedIds(journal)).length)
    await hear(last, 'finished')

    const acknowledged = await acknowledgedIds(journal)
    const starts = new Map<string, number>()
    for (const id of await factsOf(journal, 'run')) starts.set(id, (starts.get(id) ?? 0) + 1)
    const db = new Database(store, { readonly: true })
    const rows = db.prepare('SELECT id, status, attempt FROM tasks').all() as Row[]
    db.close()
    const byId = new Map(rows.map((row) => [row.id, row]))

    expect(acknowledged.length).toBeGreaterThanOrEqual(tasksInAll)
    expect(acknowledged.filter((id) => !byId.has(id))).toEqual([])
    expect(rows.filter((row) => row.status === 'running' || row.status === 'pending')).toEqual([])
    expect([...starts].filter(([id, count]) => count > 1 && byId.get(id)?.status !== 'interrupted')).toEqual([])
    expect([...starts].filter(([, count]) => count > 1)).toEqual([])
    expect(rows.filter((row) => row.status === 'success' && starts.get(row.id) !== 1)).toEqual([])
    expect(rows.every((row) => row.status === 'success' || row.status === 'interrupted')).toBe(true)
  })
})
