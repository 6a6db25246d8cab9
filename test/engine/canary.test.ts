import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inspect } from 'node:util'
import { progress, taskContext, taskLog, type TaskManager, type TaskManagerOptions } from '@taskloom/engine'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { createHandler, type Handler, type HandlerOptions } from '../../packages/engine/src/server/handler.ts'
import { openManager } from './open-manager.ts'

const canary = 'canary-5f0c9a71'
const headers = { host: 'host', origin: 'http://host', 'content-type': 'application/json' }
const act = { actor: 'ann', reason: null }
const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** The canary wherever a value can hide it, each place under a path that is redacted. */
const args = [
  { user: { password: canary, name: 'Ann' }, list: [{ pin: canary }, { pin: [canary] }] },
  new Map<string, unknown>([['pin', canary]]),
  { pin: { at: new Date(0), inner: new Map([[canary, new Set([canary])]]) } },
  canary,
]
const redact = ['user.password', 'list.*.pin', 'pin', '3']

describe('nobody finds the canary', () => {
  it('of encrypted arguments: in files, answers, frames, events and errors', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'canary-'))
    folders.push(folder)
    const encryption = { keys: [randomBytes(32)] }
    const scene = await play({ store: join(folder, 'tasks.db'), encryption }, {}, {})
    expect(scene.heard()).not.toContain(canary)
    expect(await scene.tasks.source.detail(scene.failedId)).toMatchObject({ args: '<encrypted>' })
    const files = () => readdirSync(folder).map((name) => readFileSync(join(folder, name), 'latin1'))
    expect(files().some((text) => text.includes('sealed:1:'))).toBe(true)
    expect(files().join('')).not.toContain(canary)
    await scene.tasks.shutdown({ timeoutMs: 0 })
    expect(files().join('')).not.toContain(canary)
  })

  it('of redacted arguments that are shown', async () => {
    const scene = await play({}, { redact }, { displayArgs: true })
    expect(scene.heard()).toContain('<redacted>')
    expect(scene.heard()).not.toContain(canary)
  })

  it('of arguments that are encrypted, redacted and shown', async () => {
    const encryption = { keys: [randomBytes(32)] }
    const scene = await play({ encryption }, { redact }, { displayArgs: true })
    expect(scene.heard()).toContain('<redacted>')
    expect(scene.heard()).not.toContain(canary)
  })

  it('but the search for it would: it is heard where nothing hides it', async () => {
    const scene = await play({}, {}, { displayArgs: true })
    expect(scene.heard()).toContain(canary)
  })
})

/** A life with everything in it: run, fail, retry, cancel, log, progress, and somebody who looks at all of it. */
async function play(options: TaskManagerOptions, definition: { redact?: readonly string[] }, mount: HandlerOptions) {
  const tasks = openManager(options)
  const heard: unknown[] = []
  for (const event of ['create', 'progress', 'complete', 'fail', 'cleanup', 'error'] as const) {
    tasks.on(event, (told) => heard.push(told))
  }
  tasks.source.subscribe((change) => heard.push(change))
  const handler = createHandler(tasks.source, { ...mount, onError: (error) => heard.push(error) })
  onTestFinished(() => handler.close())
  const seen: unknown[] = []
  tasks.define('pay', { ...definition, retries: 1, delay: 0 }, (...given: readonly unknown[]) => {
    seen.push(given)
    taskLog('paying', { attempt: taskContext()?.attempt })
    progress({ percent: 50, message: 'half way', step: 'bank' })
    throw new Error('The bank is closed')
  })
  tasks.define('echo', definition, () => 'done')
  await tasks.start()
  const readStream = watch(handler, '/stream')
  const failed = await tasks.enqueue('pay', args)
  const done = await tasks.enqueue('echo', args)
  const cancelled = await tasks.enqueue('echo', args, { delay: '1h' })
  await Promise.all([tasks.wait(failed.id), tasks.wait(done.id)])
  const readTask = watch(handler, `/stream?task_id=${failed.id}`)
  heard.push(await tasks.source.retry(failed.id, act))
  // A retry that still waits or runs would be given again.
  await tasks.idle()
  heard.push(await ask(handler, 'POST', `/${failed.id}/retry`))
  await tasks.idle()
  heard.push(await ask(handler, 'POST', `/${cancelled.id}/cancel`))
  heard.push(await ask(handler, 'POST', '/bulk-retry', { task_ids: [failed.id, done.id], again: true }))
  heard.push(await tasks.enqueue('pay', [canary, () => 1]).catch((error: unknown) => error))
  await tasks.idle()
  expect(seen).toHaveLength(8)
  for (const given of seen) expect(given).toEqual(args)
  for (const target of await targets(tasks)) heard.push(await ask(handler, 'GET', target))
  await vi.waitFor(() => expect(readStream() + readTask()).toContain('event: log'))
  return {
    tasks,
    failedId: failed.id,
    heard: () => inspect(heard, { depth: 20, maxStringLength: null, maxArrayLength: null }) + readStream() + readTask(),
  }
}

/** Every page that somebody can look at, with every search that could give something away. */
async function targets(tasks: TaskManager): Promise<readonly string[]> {
  const { tasks: all } = await tasks.list({ limit: 500 })
  const ofTasks = all.flatMap(({ taskId }) => [`/${taskId}`, `/${taskId}/logs`, `/${taskId}/progress`])
  const views = [
    '',
    '/metrics',
    '/timeline',
    '/types',
    '/functions',
    '/queues',
    '/schedules',
    '/health',
    '/capabilities',
  ]
  return [...ofTasks, ...views]
}

async function ask(handler: Handler, method: string, target: string, body: unknown = {}): Promise<string> {
  const init = method === 'GET' ? { headers } : { method, headers, body: JSON.stringify(body) }
  const response = await handler(new Request(`http://host${target}`, init), { basePath: '' })
  const text = await response.text()
  expect(response.status, `${method} ${target}: ${text}`).toBeLessThan(400)
  return text
}

/** Reads a stream until the end of the test; gives back what came so far. */
function watch(handler: Handler, target: string): () => string {
  let text = ''
  const read = async () => {
    const response = await handler(new Request(`http://host${target}`, { headers }), { basePath: '' })
    const decoder = new TextDecoder()
    for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true })
  }
  void read().catch(() => undefined)
  return () => text
}
