import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { isTerminal } from '@taskloom/protocol'
import { memory, progress, sqlite, taskLog, TaskManager, type Store } from '@taskloom/engine'

const explode = () => {
  throw new Error('trap')
}
const explosive = () =>
  new Proxy(
    {},
    { get: explode, has: explode, ownKeys: explode, getPrototypeOf: explode, getOwnPropertyDescriptor: explode },
  )

function unreadableError(): Error {
  const error = new Error('x')
  for (const key of ['stack', 'name', 'message', 'code', 'cause']) Object.defineProperty(error, key, { get: explode })
  return error
}

function cyclic(): object {
  const value: Record<string, unknown> = { list: [] }
  value['self'] = value
  return value
}

const text = '<img src=x onerror=alert(1)> \0 \u202Egnp.exe \ud800 ${7*7} =HYPERLINK("x")'
const huge = 'z'.repeat(1_000_000)

const thrown: Record<string, () => unknown> = {
  undefined: () => undefined,
  null: () => null,
  'an explosive proxy': explosive,
  'an error that cannot be read': unreadableError,
  'hostile text': () => new Error(text),
  'a megabyte': () => new Error(huge),
  'a symbol': () => Symbol('s'),
  'a function': () => explode,
  'a cycle': cyclic,
  'an object without a prototype': () => Object.create(null) as unknown,
}

const returned: Record<string, () => unknown> = {
  'a cycle': cyclic,
  'a big integer': () => 2n ** 70n,
  'a function': () => explode,
  'a symbol': () => Symbol('s'),
  'hostile text': () => ({ [text]: text }),
  'a megabyte': () => huge,
  'a throwing getter': () => Object.defineProperty({}, 'x', { get: explode, enumerable: true }),
  'an explosive proxy in a list': () => [explosive()],
  'a thenable that throws': () => ({ then: explode }),
  'a thenable that calls both': () => ({
    then: (resolve: (value: unknown) => void, reject: (error: unknown) => void) => {
      resolve(1)
      reject(new Error('too late'))
      throw new Error('even later')
    },
  }),
}

const stores: Record<string, (folder: string) => Store> = {
  memory: () => memory(),
  sqlite: (folder) => sqlite(join(folder, 'tasks.db')),
}

describe.each(Object.keys(stores))('hostile user code over %s', (name) => {
  let folder: string
  let tasks: TaskManager
  const faults: unknown[] = []
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'taskloom-hostile-'))
    tasks = new TaskManager({ store: stores[name]!(folder) })
    faults.length = 0
    tasks.on('error', (fault) => faults.push(fault))
    await tasks.start()
  })
  afterEach(async () => {
    await tasks.shutdown({ timeoutMs: 0 })
    await rm(folder, { recursive: true, force: true, maxRetries: 5 })
  })

  async function outcomeOf(run: () => unknown, retries = 0) {
    const { id: taskId } = await tasks.define('hostile', { retries, delay: 0 }, run).enqueue()
    const record = await tasks.wait(taskId)
    expect(isTerminal(record.status)).toBe(true)
    const detail = await tasks.source.detail(taskId)
    expect(() => JSON.stringify(detail)).not.toThrow()
    expect(JSON.stringify(detail)).not.toMatch(/[\0]/)
    return { record, detail }
  }

  it.each(Object.keys(thrown))('that throws %s fails with words', async (what) => {
    const { record, detail } = await outcomeOf(() => {
      throw thrown[what]!()
    }, 1)
    expect(record).toMatchObject({ status: 'failed', attempt: 2 })
    expect(record.error!.length).toBeGreaterThan(3)
    expect(record.error!.length).toBeLessThanOrEqual(300)
    expect(record.error).not.toMatch(/[\0\p{Surrogate}]/u)
    expect(detail.attempts).toHaveLength(2)
    expect(faults).toEqual([])
  })

  it.each(Object.keys(returned))('that returns %s ends honestly', async (what) => {
    const { record } = await outcomeOf(() => returned[what]!())
    expect(record.status).toBe(what === 'a thenable that throws' ? 'failed' : 'success')
    expect((record.result ?? '').length).toBeLessThanOrEqual(262_144)
    expect(faults).toEqual([])
  })

  it('that rejects after it returned, or logs anything, hurts nobody', async () => {
    const { record, detail } = await outcomeOf(() => {
      taskLog(explosive() as string, { level: explosive() as never, explosive: explosive(), text, cyclic: cyclic() })
      taskLog(huge, { huge })
      progress(explosive())
      progress({ message: text, current: Number.NaN, total: 0, cyclic: cyclic() })
      return 1
    })
    expect(record.status).toBe('success')
    expect(detail.logs).toHaveLength(2)
    expect(detail.logs[1]!.message.length).toBeLessThanOrEqual(8 * 1024)
    expect(faults).toEqual([])
  })

  it('keeps names, tags and arguments as they are, made visible where they cannot be', async () => {
    const visible = text.replace('\0', '\u2400').replace('\ud800', '\ufffd')
    for (const funcName of ['constructor', '__proto__', 'toString', '<b>"', "'; DROP TABLE tasks; --"]) {
      const work = tasks.define(funcName, (...args: unknown[]) => args)
      const options = {
        tags: { constructor: text, hasOwnProperty: 'x' },
        user: '<script>',
        idempotencyKey: `${funcName}'--`,
      }
      const { id } = await work.with(options).enqueue(text, { [text]: text })
      const record = await tasks.wait(id)
      expect(record).toMatchObject({ funcName, status: 'success', userLabel: '<script>' })
      expect(record.tags).toEqual({ constructor: visible, hasOwnProperty: 'x' })
      expect((await tasks.source.detail(id)).args).toEqual([text, { [text]: text }])
    }
    expect(() => tasks.define('a\0b', () => 1)).toThrow(/name/)
    expect((await tasks.list()).total).toBe(5)
    expect(({} as { admin?: unknown }).admin).toBeUndefined()
  })
})
