import { progress, taskLog, type TaskManager } from '@taskloom/engine'
import { beforeEach, describe, expect, it } from 'vitest'
import { createHandler, type HandlerOptions } from '../../packages/engine/src/server/handler.ts'
import { openManager, withCode } from '../engine/open-manager.ts'
import { LiveReader } from './live-reader.ts'
import { ask, codeOf, readJson } from './request.ts'

const canary = 'S3CR3T-canary'
const order = { id: 7, db_password: canary, headers: { Authorization: `Bearer ${canary}` }, customer: { iban: canary } }

let tasks: TaskManager
let id: string

/** A task that spills its secrets wherever it can. */
beforeEach(async () => {
  tasks = openManager()
  tasks.define('spill', { retries: 0 }, (given: typeof order) => {
    taskLog(`login with password=${canary}`, { api_key: canary, nested: [{ cookie: canary }], n: 1 })
    progress({ percent: 50, message: `token: ${canary}`, refreshToken: canary })
    if (given.id === 8) return { accessToken: canary, ok: true }
    const cause = new Error(`connect postgres://shop:${canary}@db:5432/shop`)
    throw new Error(`{"client_secret":"${canary}"}`, { cause })
  })
  await tasks.start()
})

async function spill(given = order): Promise<void> {
  const handle = await tasks.enqueue('spill', [given], { tags: { env: 'prod', token: canary } })
  id = handle.id
  await tasks.wait(id)
  await tasks.idle()
}

const withoutIban = { displayArgs: true, redact: ['customer.iban'] } as const

async function text(path: string, options: HandlerOptions = withoutIban): Promise<string> {
  return (await ask(createHandler(tasks.source, options), path)).text()
}

describe('what names say is secret', () => {
  it.each(['', '/{id}', '/{id}/logs', '/{id}/progress', '/?q=spill&sort=status', '/export.csv', '/export.json'])(
    'is not shown by %s',
    async (path) => {
      await spill()
      const shown = await text(path.replace('{id}', id))
      expect(shown).toContain('***')
      expect(shown).not.toContain(canary)
    },
  )

  it('is not in a result, and what is beside it is shown', async () => {
    await spill({ ...order, id: 8 })
    const shown = JSON.parse(await text(`/${id}`)) as object
    expect(shown).toMatchObject({
      args: [{ id: 8, db_password: '***', headers: { Authorization: '***' }, customer: { iban: '<redacted>' } }],
      result: { accessToken: '***', ok: true },
      progress_payload: { refreshToken: '***' },
      progress: { percent: 50, message: 'token: ***' },
      tags: { env: 'prod', token: '***' },
    })
    expect(JSON.stringify(shown)).not.toContain(canary)
  })

  it('is not in errors and logs, and what is beside it is', async () => {
    await spill()
    const shown = await readJson(await ask(createHandler(tasks.source, withoutIban), `/${id}`))
    expect(shown).toMatchObject({
      error: '{"client_secret":"***"}',
      attempts: [{ error: '{"client_secret":"***"}' }],
      logs: [{ message: 'login with password=***', extra: { api_key: '***', nested: [{ cookie: '***' }], n: 1 } }],
    })
    expect(shown['stacktrace']).toContain('Caused by: Error: connect postgres://shop:***@db:5432/shop')
  })

  it('is not in the live stream', async () => {
    const handler = createHandler(tasks.source, withoutIban)
    const { id: later } = await tasks.enqueue('spill', [order], { delay: '1h' })
    const reader = new LiveReader((await ask(handler, `/stream?task_id=${later}`)).body as ReadableStream<Uint8Array>)
    await tasks.source.runNow(later, { actor: 'ann', reason: null })
    await tasks.wait(later)
    const seen = () => JSON.stringify(reader.events)
    await expect.poll(seen).toContain('"status":"failed"')
    expect(seen()).toContain('"event":"log"')
    expect(seen()).toContain('***')
    expect(seen()).not.toContain(canary)
    handler.close()
  })

  it('cannot be guessed by a search', async () => {
    await spill()
    const handler = createHandler(tasks.source, withoutIban)
    for (const path of ['db_password', '0.db_password', 'headers.Authorization', 'customer.iban', '0.customer.iban']) {
      expect(await codeOf(ask(handler, `?q=-args.${path}:${canary}`)), path).toBe('400 bad_query')
    }
    expect(await readJson(await ask(handler, '?q=args.id:7'))).toMatchObject({ total: 1 })
  })

  it('is left as it is for the application itself, and where the mount says so', async () => {
    await spill()
    expect((await tasks.get(id))?.args).toContain(canary)
    const open = await text(`/${id}`, { displayArgs: true, redact: false })
    expect(open).toContain(`"db_password":"${canary}"`)
    expect(open).toContain(`login with password=${canary}`)
  })

  it('can be added to', async () => {
    await spill()
    const shown = JSON.parse(await text(`/${id}`, { displayArgs: true, redact: ['id', 'headers.*'] })) as object
    expect(shown).toMatchObject({ args: [{ id: '***', headers: { Authorization: '<redacted>' } }] })
  })

  it.each([[['a..b']], [[7]], ['password'], [true], [{}]])('is an option that is checked: %j', (redact) => {
    expect(() => createHandler(tasks.source, { redact: redact as string[] })).toThrow(withCode('bad_option'))
  })
})

describe('passwords in URLs', () => {
  it('are not even stored with an error, nor told to observers', async () => {
    const told: string[] = []
    const own = openManager({
      observers: [{ name: 'ears', observe: (event) => void told.push(JSON.stringify(event)) }],
    })
    own.define('connect', { retries: 0 }, () => {
      const cause = new Error('redis://:S3CR3T-canary@cache')
      throw new AggregateError([cause], `mysql://root:${canary}@db/${'x'.repeat(400)}`, { cause })
    })
    await own.start()
    const { id: failed } = await own.enqueue('connect')
    const record = await own.wait(failed)
    expect(record.error).toContain('mysql://root:***@db/')
    expect(record.stacktrace).toContain('redis://:***@cache')
    await own.shutdown()
    expect(told.length).toBeGreaterThan(0)
    expect(JSON.stringify([record, told])).not.toContain(canary)
  })
})
