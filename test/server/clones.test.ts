import { TaskManager, type SchemaResult, type StandardSchema, type TaskManagerOptions } from '@taskloom/engine'
import { createFakeClock } from '@taskloom/testkit'
import { afterEach, describe, expect, it } from 'vitest'
import { createHandler, type Handler, type HandlerOptions } from '../../packages/engine/src/server/handler.ts'
import { ask, codeOf, command, readJson } from './request.ts'

const clock = createFakeClock()
const open: TaskManager[] = []

afterEach(async () => {
  await Promise.all(open.splice(0).map((tasks) => tasks.shutdown({ timeoutMs: 0 })))
})

interface Scene {
  readonly tasks: TaskManager
  readonly handler: Handler
  /** The lists of arguments that the function was called with. */
  readonly calls: unknown[][]
  readonly enqueue: (body: object, name?: string) => Promise<Response>
  /** Enqueues, runs, and gives what the function was called with. */
  readonly clone: (body: object) => Promise<unknown[] | undefined>
}

async function scene(
  args?: StandardSchema,
  more: TaskManagerOptions = {},
  options: HandlerOptions = {},
): Promise<Scene> {
  const tasks = new TaskManager({ clock, ...more })
  open.push(tasks)
  const calls: unknown[][] = []
  const run = (...given: unknown[]) => {
    calls.push(given)
    return 'done'
  }
  tasks.define('pay', { ...(args && { args }), redact: ['iban'] }, run)
  tasks.define('echo', (value: unknown) => value)
  await tasks.start()
  const handler = createHandler(tasks.source, { clock, enqueue: true, displayArgs: true, ...options })
  const enqueue = (body: object, name = 'pay') => ask(handler, `/functions/${name}/enqueue`, command(body))
  return {
    tasks,
    handler,
    calls,
    enqueue,
    async clone(body) {
      const response = await enqueue(body)
      expect(response.status).toBe(200)
      const { task_id: id } = (await response.json()) as { task_id: string }
      await tasks.wait(id)
      return calls.at(-1)
    },
  }
}

const order = { to: 'Ann', amount: 5, password: 'p-secret', iban: 'DE-secret', cards: [{ no: 1, token: 't-secret' }] }

async function original({ tasks }: Scene, args: readonly unknown[] = [order], options: object = {}): Promise<string> {
  const { id } = await tasks.enqueue('pay', args, options)
  await tasks.wait(id)
  return id
}

async function shownArgs({ handler }: Scene, id: string): Promise<Record<string, unknown>[]> {
  return (await readJson(await ask(handler, `/${id}`)))['args'] as Record<string, unknown>[]
}

describe('a clone', () => {
  it('takes what was left as it was shown as it is in truth, and the rest as it was written', async () => {
    const it = await scene()
    const id = await original(it)
    const [shown] = await shownArgs(it, id)
    expect(JSON.stringify(shown)).not.toContain('secret')
    expect(shown).toMatchObject({ password: '***', iban: '<redacted>' })
    expect(await it.clone({ cloned_from: id, args: [{ ...shown, amount: 6 }] })).toEqual([{ ...order, amount: 6 }])
    expect(await it.clone({ cloned_from: id, args: [{ ...shown, password: 'new' }] })).toEqual([
      { ...order, password: 'new' },
    ])
    const { password: _left, ...without } = shown!
    expect(await it.clone({ cloned_from: id, args: [without] })).toEqual([{ ...order, password: undefined }])
  })

  it('answers with nothing that is hidden, and hides it again', async () => {
    const it = await scene()
    const id = await original(it)
    const response = await it.enqueue({ cloned_from: id, args: await shownArgs(it, id) })
    const { task_id: cloneId } = (await response.clone().json()) as { task_id: string }
    expect(await response.text()).not.toContain('secret')
    expect(await (await ask(it.handler, `/${cloneId}`)).text()).not.toContain('secret')
  })

  it('takes all arguments of the original when none are given', async () => {
    const it = await scene(undefined, {}, { displayArgs: false })
    const at = new Date(1e12)
    const id = await original(it, [{ at, bytes: new Map([['a', 1n]]) }])
    expect(await it.clone({ cloned_from: id })).toEqual([{ at, bytes: new Map([['a', 1n]]) }])
  })

  it('keeps what JSON has no form for', async () => {
    const it = await scene()
    const id = await original(it, [{ at: new Date(1e12), names: new Set(['a']), n: 1 }])
    const [shown] = await shownArgs(it, id)
    expect(shown).toEqual({ at: new Date(1e12).toISOString(), names: ['a'], n: 1 })
    expect(await it.clone({ cloned_from: id, args: [{ ...shown, n: 2 }] })).toEqual([
      { at: new Date(1e12), names: new Set(['a']), n: 2 },
    ])
  })

  it('opens what is encrypted, on the server alone', async () => {
    const it = await scene(undefined, { encryption: { keys: ['07'.repeat(32)] } })
    const id = await original(it)
    const [shown] = await shownArgs(it, id)
    expect(await it.clone({ cloned_from: id, args: [{ ...shown, to: 'Bo' }] })).toEqual([{ ...order, to: 'Bo' }])
  })

  it('is refused where something hidden is not where it was', async () => {
    const it = await scene()
    const id = await original(it, [{ cards: [{ token: 'a-secret' }, { token: 'b-secret' }] }, 'x'])
    const [first, second] = await shownArgs(it, id)
    const card = { token: '***' }
    for (const [args, path] of [
      [[{ cards: [card] }, second], '[0].cards[0].token'],
      [[{ other: '***' }, second], '[0].other'],
      [['***'], '[0]'],
    ] as const) {
      const response = await it.enqueue({ cloned_from: id, args })
      const problem = await readJson(response.clone())
      expect(await codeOf(response)).toBe('400 bad_body')
      expect(problem['extra']).toMatchObject({ issues: [{ path }] })
    }
    const other = { token: '***', no: 2 }
    const mixed = await original(it, [
      {
        cards: [
          { token: 'a-secret', no: 1 },
          { token: 'b-secret', no: 2 },
        ],
      },
    ])
    expect(await it.clone({ cloned_from: mixed, args: [{ cards: [other] }] })).toEqual([
      { cards: [{ token: 'b-secret', no: 2 }] },
    ])
    const longer = [{ cards: [card, card, { token: 'c' }] }, second]
    expect(first).toEqual({ cards: [card, card] })
    expect(await it.clone({ cloned_from: id, args: longer })).toEqual([
      { cards: [{ token: 'a-secret' }, { token: 'b-secret' }, { token: 'c' }] },
      'x',
    ])
  })

  it('moves no secret into another function', async () => {
    const it = await scene()
    const id = await original(it)
    for (const args of [[{ password: '***' }], undefined]) {
      const response = await it.enqueue({ cloned_from: id, ...(args && { args }) }, 'echo')
      expect(await codeOf(response)).toBe('400 bad_body')
    }
  })

  it('quotes nothing hidden in what its schema has against it', async () => {
    const it = await scene(quoting)
    const id = await original(it, [{ amount: 1, password: 'p-secret' }])
    const [shown] = await shownArgs(it, id)
    for (const dry_run of [true, false]) {
      const response = await it.enqueue({ cloned_from: id, args: [{ ...shown, amount: 0 }], dry_run })
      const text = await response.text()
      expect(text).not.toContain('secret')
      expect(text).toContain('Something hidden is not as expected')
      expect(text).toContain('[0].amount')
    }
  })

  it('has tags, priority, queue and locks of the original unless something else is said', async () => {
    const it = await scene()
    const options = {
      tags: { env: 'prod', token: 't-secret' },
      priority: 7,
      queue: 'slow',
      locks: ['A:1'],
      affected: ['A'],
    }
    const id = await original(it, [1], options)
    const read = async (body: object) => {
      const { task_id: cloneId } = (await (await it.enqueue({ cloned_from: id, ...body })).json()) as {
        task_id: string
      }
      return it.tasks.wait(cloneId)
    }
    expect(await read({})).toMatchObject({ ...options, tags: { ...options.tags, cloned_from: id } })
    const changed = { tags: { env: 'dev', token: '***' }, priority: 1, queue: 'fast', locks: [], affected: [] }
    expect(await read({ options: changed })).toMatchObject({
      ...changed,
      tags: { env: 'dev', token: 't-secret', cloned_from: id },
    })
  })

  it('leads to its original, is no retry, and is written down with both', async () => {
    const it = await scene()
    const id = await original(it, [1])
    const { task_id: cloneId, task } = (await (
      await it.enqueue({ cloned_from: id, reason: 'wrong amount' })
    ).json()) as {
      task_id: string
      task: { retried_from: null; source: string }
    }
    expect(task).toMatchObject({ retried_from: null, source: 'api', tags: { cloned_from: id } })
    const { timeline } = (await readJson(await ask(it.handler, `/${cloneId}`))) as { timeline: object[] }
    expect(timeline[0]).toMatchObject({ event: 'created', detail: `clone of ${id}` })
    expect((await it.tasks.get(id))?.retryCount).toBe(0)
    const { entries } = await it.tasks.source.audit.list({ cursor: null, limit: 1 })
    expect(entries[0]).toMatchObject({
      action: 'enqueue',
      target: 'pay',
      affected: [cloneId],
      detail: { cloned_from: id },
      reason: 'wrong amount',
    })
  })

  it('needs a task that is there, and that the host lets the caller use', async () => {
    const it = await scene()
    const id = await original(it, [1])
    expect(await codeOf(it.enqueue({ cloned_from: 'nothing' }))).toBe('404 unknown_task')
    expect(await codeOf(it.enqueue({ cloned_from: 'x'.repeat(301) }))).toBe('400 bad_body')
    const asked: unknown[] = []
    const strict = createHandler(it.tasks.source, {
      clock,
      enqueue: true,
      authorize: (_user, action, task) => {
        asked.push([action, task?.taskId ?? null])
        return task === null
      },
    })
    const refused = ask(strict, '/functions/pay/enqueue', command({ cloned_from: id }))
    expect(await codeOf(refused)).toBe('403 forbidden')
    expect(asked).toEqual([
      ['enqueue', null],
      ['enqueue', id],
    ])
  })
})

describe('POST functions/{name}/enqueue', () => {
  it('tells where arguments do not fit, for a form', async () => {
    const it = await scene(quoting)
    const response = await it.enqueue({ args: [{ amount: 0 }] })
    expect(response.status).toBe(400)
    expect(await readJson(response)).toMatchObject({
      code: 'bad_body',
      extra: { issues: [{ path: '[0].amount', message: 'Not above 0' }] },
    })
  })

  it('only looks in a dry run', async () => {
    const it = await scene(quoting)
    const dryRun = async (body: object) => readJson(await it.enqueue({ ...body, dry_run: true }))
    expect(await dryRun({ args: [{ amount: 2 }] })).toEqual({ valid: true, issues: [] })
    expect(await dryRun({ args: [{ amount: 0 }] })).toEqual({
      valid: false,
      issues: [{ path: '[0].amount', message: 'Not above 0' }],
    })
    expect(
      await dryRun({ args: [{ amount: 2 }], options: { delay: 5, run_at: '2030-01-01T00:00:00Z' } }),
    ).toMatchObject({
      valid: false,
      issues: [{ path: 'options.run_at' }],
    })
    expect(await codeOf(it.enqueue({ dry_run: true }, 'nothing'))).toBe('409 not_registered')
    expect((await it.tasks.list()).total).toBe(0)
    const { entries } = await it.tasks.source.audit.list({ cursor: null, limit: 10 })
    expect(entries.filter(({ outcome }) => outcome === 'ok')).toEqual([])
  })

  it('runs later', async () => {
    const it = await scene()
    const runAt = async (options: object) => {
      const { task } = (await readJson(await it.enqueue({ args: [1], options }))) as { task: { run_at: string } }
      return Date.parse(task.run_at)
    }
    expect(await runAt({ delay: 90 })).toBe(clock.now() + 90_000)
    const later = clock.now() + 3_600_000
    expect(await runAt({ run_at: new Date(later).toISOString() })).toBe(later)
  })
})

/** Amounts above 0; what it says of them quotes the password. */
const quoting: StandardSchema = {
  '~standard': {
    version: 1,
    vendor: 'by hand',
    validate(value): SchemaResult {
      const [{ amount = 1, password } = {}] = value as [{ amount?: number; password?: string }?]
      if (amount > 0) return { value }
      const quote = password === undefined ? [] : [{ message: `Not for ${password}`, path: [0, 'password'] }]
      return { issues: [{ message: 'Not above 0', path: [0, 'amount'] }, ...quote] }
    },
  },
}
