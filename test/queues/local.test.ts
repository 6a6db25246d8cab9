import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { local, memory, sqlite } from '@taskloom/engine'
import { describeQueue } from '@taskloom/testkit'
import { afterAll } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-queue-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0

describeQueue('local, in memory', () => ({ store: memory, queue: local }))

describeQueue('local, over SQLite', () => {
  const path = join(folder, `${(files += 1)}.db`)
  return { store: () => sqlite(path), queue: local }
})
