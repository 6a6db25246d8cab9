import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { mount } from '@taskloom/engine/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { buildHistory } from '../../bench/histories.ts'
import { listen } from '../../packages/testkit/src/adapter-suite.ts'
import { mountable, ScriptedSource } from '../../packages/testkit/src/scripted-source.ts'

const count = 100_000
const mostGrowth = 50 * 1024 * 1024

describe('an export of 100,000 tasks', () => {
  let folder: string
  let child: ChildProcess
  let origin: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'taskloom-export-'))
    const file = join(folder, 'tasks.db')
    buildHistory(file, count)
    const script = fileURLToPath(new URL('./export-host.mjs', import.meta.url))
    child = spawn(process.execPath, ['--expose-gc', script, file], { stdio: ['ignore', 'pipe', 'inherit'] })
    const [line] = (await once(createInterface(child.stdout!), 'line')) as [string]
    origin = `http://127.0.0.1:${line.replace('port ', '')}`
    // The first requests load what every later one needs.
    for (const path of ['csv', 'json']) await drain(`${origin}/tasks/export.${path}?status=failed`)
  }, 120_000)
  afterAll(async () => {
    child.kill('SIGKILL')
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  /** Reads a whole file, and gives how much more memory the server had meanwhile. */
  async function exportOnce(extension: string): Promise<number> {
    await fetch(`${origin}/rss?reset`)
    const { lines, bytes } = await drain(`${origin}/tasks/export.${extension}`)
    const { base, peak } = (await (await fetch(`${origin}/rss`)).json()) as { base: number; peak: number }
    expect(lines).toBe(extension === 'csv' ? count + 1 : count + 2)
    expect(bytes).toBeGreaterThan(count * 60)
    return peak - base
  }

  it.each(['csv', 'json'])(
    'has every row as %s, in less than 50 MB',
    async (extension) => {
      // What an export needs it needs each time; what the machine does beside it comes and goes.
      const growths = [await exportOnce(extension), await exportOnce(extension)]
      expect(Math.min(...growths)).toBeLessThan(mostGrowth)
    },
    120_000,
  )
})

it('a file that cannot be read to its end breaks off instead of looking whole', async () => {
  const source = new ScriptedSource()
  for (let index = 0; index < 600; index += 1) await source.add()
  const list = source.list.bind(source)
  source.list = (question) => (question.cursor === null ? list(question) : Promise.reject(new Error('lost')))
  const errors: unknown[] = []
  const server = createServer()
  mount(server, mountable(source), { onError: (error) => errors.push(error) })
  const host = await listen(server, '/tasks')
  const response = await fetch(`${host.origin}/tasks/export.csv`)
  await expect(response.text()).rejects.toThrow()
  expect(errors).toMatchObject([{ message: 'lost' }])
  await host.close()
})

/** Reads without keeping. */
async function drain(url: string): Promise<{ lines: number; bytes: number }> {
  const response = await fetch(url)
  expect(response.status).toBe(200)
  let [lines, bytes] = [0, 0]
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    for (const byte of chunk) if (byte === 10) lines += 1
  }
  return { lines, bytes }
}
