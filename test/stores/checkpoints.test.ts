import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TaskManager } from '@taskloom/engine'
import { expect, it, onTestFinished, vi } from 'vitest'

const pageBytes = 4_096
/** The longest the writer lets its log grow before it makes a checkpoint itself, and what one batch may add. */
const maxLogPages = 16_000 + 2_000

it('carries the log over into the file while the process runs, and keeps it bounded', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'taskloom-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'tasks.db')
  const tasks = new TaskManager({ store: file })
  onTestFinished(() => tasks.shutdown({ timeoutMs: 0 }))
  const noop = tasks.define('noop', (text: string) => void text)
  await tasks.start()
  const before = (await stat(file)).size
  for (let round = 0; round < 4; round += 1) {
    await Promise.all(Array.from({ length: 3_000 }, () => noop.enqueue('x'.repeat(1_000))))
  }
  await tasks.idle()
  await vi.waitFor(async () => expect((await stat(file)).size).toBeGreaterThan(before + 100 * pageBytes), {
    timeout: 10_000,
  })
  expect((await stat(`${file}-wal`)).size).toBeLessThan(maxLogPages * pageBytes)
})
