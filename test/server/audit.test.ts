import type { TaskManager, TaskManagerOptions } from '@taskloom/engine'
import { beforeEach, describe, expect, it } from 'vitest'
import { createHandler, type Handler, type HandlerOptions } from '../../packages/engine/src/server/handler.ts'
import { auditPage, auditSlice, type AuditLogEntry } from '@taskloom/protocol'
import { openManager } from '../engine/open-manager.ts'
import { asBearer, password, secretKey, signIn, tokenOf, users } from './identity-scene.ts'
import { ask, codeOf, command, readJson } from './request.ts'

const card = { user: { name: 'Ann', password: 'S3CR3T' }, iban: 'S3CR3T-2' }

interface Shop {
  readonly tasks: TaskManager
  readonly handler: Handler
  readonly errors: unknown[]
}

async function openShop(options: HandlerOptions = {}, manager: TaskManagerOptions = {}): Promise<Shop> {
  const tasks = openManager(manager)
  tasks.define('pay', { retries: 0 }, (_card: unknown) => Promise.reject(new Error('refused for password=S3CR3T')))
  await tasks.start()
  const errors: unknown[] = []
  const onError = (error: unknown) => void errors.push(error)
  const auth = await users()
  return { tasks, errors, handler: createHandler(tasks.source, { auth, secretKey, onError, ...options }) }
}

/** All entries as the server tells them, the oldest first. */
async function entriesOf({ tasks }: Shop): Promise<readonly AuditLogEntry[]> {
  const page = await tasks.source.audit?.list({ cursor: null, limit: 500 })
  return [...(page?.entries ?? [])].reverse()
}

async function failedTask({ tasks }: Shop): Promise<string> {
  const { id } = await tasks.enqueue('pay', [card])
  await tasks.wait(id)
  return id
}

const from = { remoteAddress: '192.0.2.7' }
const lines = async (shop: Shop) =>
  (await entriesOf(shop)).map(({ actor, action, outcome, code }) => [actor, action, outcome, code].join(' ').trim())

describe('the audit log of a server', () => {
  let shop: Shop
  beforeEach(async () => {
    shop = await openShop()
  })

  it('gives what was done to one task, also in bulk', async () => {
    const [id, other] = [await failedTask(shop), await failedTask(shop)]
    const token = await tokenOf(shop.handler, 'ann')
    const as = asBearer(token)
    const retried = await readJson(await ask(shop.handler, `/${id}/retry`, command({}, as)))
    await ask(shop.handler, `/${other}/retry`, command({}, as))
    const { operation_id } = await readJson(
      await ask(shop.handler, '/bulk', command({ action: 'delete', filter: {}, reason: 'tidy' }, as)),
    )
    const about = async (taskId: unknown) => {
      const page = await ask(shop.handler, `/audit?task_id=${String(taskId)}`, { headers: as })
      return auditPage.decode(await page.json()).entries
    }
    await expect
      .poll(async () => (await about(id)).map(({ action }) => action))
      .toEqual(['bulk_delete_ended', 'bulk_delete', 'retry'])
    const [ended, begun, retry] = await about(id)
    expect([ended?.detail, begun?.detail]).toMatchObject([{ operation: operation_id }, { operation: operation_id }])
    expect(retry).toMatchObject({ target: id, affected: [retried['task_id']] })
    expect((await about(retried['task_id'])).map(({ target }) => target)).toContain(id)
    expect(await about('nobody')).toEqual([])
    expect(await codeOf(ask(shop.handler, `/audit?task_id=${'x'.repeat(301)}`, { headers: as }))).toBe('400 bad_query')
  })

  it('tells open pages that it has grown, whatever was done', async () => {
    const id = await failedTask(shop)
    const heard: string[] = []
    shop.tasks.source.subscribe(({ kind }) => void heard.push(kind))
    const grows = async (deed: () => Promise<unknown>) => {
      const before = (await entriesOf(shop)).length
      heard.length = 0
      await deed()
      const after = await entriesOf(shop)
      expect(after.length).toBeGreaterThan(before)
      expect(heard).toContain('audit')
      return after.at(-1)?.action
    }
    const { source } = shop.tasks
    const act = { actor: 'ann', reason: null }
    const told = [
      await grows(() => source.pauseQueue('mail', act)),
      await grows(() => source.resumeQueue('mail', act)),
      await grows(() => shop.tasks.retry(id)),
      await grows(() => source.bulkRetry([id], { again: true }, act)),
      await grows(() => source.enqueue('pay', { args: [card], options: {} }, act)),
      await grows(() => source.reveal?.(id, null, act) ?? Promise.resolve()),
      await grows(() => ask(shop.handler, `/${id}/cancel`, command({}))),
      await grows(() => shop.tasks.delete(id)),
      await grows(() => source.clearHistory({ olderThanMs: 1, statuses: [] }, act)),
    ]
    expect(told).toEqual([
      ...[
        'queue_pause',
        'queue_resume',
        'retry',
        'bulk_retry',
        'enqueue',
        'reveal',
        'cancel',
        'delete',
        'clear_history',
      ],
    ])
    heard.length = 0
    const { operationId } = await source.operations.begin({ action: 'delete', target: { taskIds: ['x'] } }, act)
    await expect.poll(async () => (await source.operations.get(operationId)).status).toBe('done')
    expect(heard.filter((kind) => kind === 'audit')).toHaveLength(2)
  })

  it('has who signed in, and who could not', async () => {
    await signIn(shop.handler, 'ann', 'wrong', {}, '192.0.2.7')
    await signIn(shop.handler, 'nobody', 'wrong')
    const token = await tokenOf(shop.handler, 'ann')
    await ask(shop.handler, '/auth/logout', command({}, asBearer(token)))
    await expect
      .poll(() => lines(shop))
      .toEqual([
        'ann login denied bad_credentials',
        'nobody login denied bad_credentials',
        'ann login ok',
        'ann logout ok',
      ])
    expect((await entriesOf(shop))[0]).toMatchObject({ address: '192.0.2.7', target: null })
    expect(JSON.stringify(await entriesOf(shop))).not.toContain(password)
  })

  it('has what was done, by whom, in which role, from where and why', async () => {
    const token = await tokenOf(shop.handler, 'otto')
    const id = await failedTask(shop)
    const wish = command({ reason: 'card was renewed' }, asBearer(token))
    const answer = await ask(shop.handler, `/${id}/retry`, wish, from)
    const { task_id: minted } = await readJson(answer)
    expect((await entriesOf(shop)).at(-1)).toMatchObject({
      ...{ actor: 'otto', role: 'operator', address: '192.0.2.7', action: 'retry', target: id, outcome: 'ok' },
      ...{ reason: 'card was renewed', code: null, affected: [minted], affectedCount: 1 },
    })
  })

  it('has what was denied: no sign-in, no permission, no proof of origin; reading without a sign-in is no matter', async () => {
    const id = await failedTask(shop)
    const vera = asBearer(await tokenOf(shop.handler, 'vera'))
    const otto = asBearer(await tokenOf(shop.handler, 'otto'))
    await ask(shop.handler, `/${id}/cancel`, command({}))
    await ask(shop.handler, `/${id}`)
    await ask(shop.handler, `/${id}/cancel`, command({}, vera))
    await ask(shop.handler, `/${id}`, { method: 'DELETE', headers: { ...otto, 'sec-fetch-site': 'same-origin' } })
    await ask(shop.handler, '/audit', { headers: otto })
    await ask(shop.handler, `/${id}/retry`, command({}, { ...otto, 'sec-fetch-site': 'cross-site' }))
    await expect
      .poll(async () => (await lines(shop)).filter((line) => !line.includes('login')))
      .toEqual([
        'anonymous cancel denied unauthenticated',
        'vera cancel denied forbidden',
        'otto delete denied forbidden',
        'otto read_audit denied forbidden',
        'anonymous retry denied cross_origin',
      ])
    const entries = await entriesOf(shop)
    expect(entries.filter(({ outcome }) => outcome === 'denied').map(({ target }) => target)).toEqual([
      id,
      id,
      id,
      null,
      id,
    ])
  })

  it('has what failed, and nothing of what is no request at all', async () => {
    const headers = asBearer(await tokenOf(shop.handler, 'ann'))
    const { id } = await shop.tasks.enqueue('pay', [card], { delay: '1h' })
    await ask(shop.handler, `/${id}/retry`, command({ reason: 'why not' }, headers))
    await ask(shop.handler, '/unknown/cancel', command({}, headers))
    await ask(shop.handler, `/${id}/retry`, { ...command({}, headers), body: '{' })
    await ask(shop.handler, `/${id}/retry?x=1`, command({}, headers))
    await ask(shop.handler, `/no/such/path`, command({}, headers))
    await ask(shop.handler, '/unknown', { headers })
    await expect
      .poll(async () => (await lines(shop)).slice(1))
      .toEqual(['ann retry failed wrong_status', 'ann cancel failed unknown_task'])
    expect((await entriesOf(shop))[1]).toMatchObject({ target: id, reason: 'why not' })
  })

  it('has who took all tasks of a filter with him', async () => {
    const headers = asBearer(await tokenOf(shop.handler, 'otto'))
    await (await ask(shop.handler, '/export.csv?status=failed', { headers })).text()
    await ask(shop.handler, '/export.csv?status=failed', { headers, method: 'HEAD' })
    expect(await lines(shop)).toEqual(['otto login ok', 'otto export ok'])
    expect((await entriesOf(shop))[1]?.detail).toEqual({ format: 'csv', query: 'status=failed' })
  })

  it('is denied in a read-only mount, and that is written', async () => {
    const closed = await openShop({ write: false })
    const headers = asBearer(await tokenOf(closed.handler, 'ann'))
    const id = await failedTask(closed)
    expect(await codeOf(ask(closed.handler, `/${id}/retry`, command({}, headers)))).toBe('403 read_only')
    await expect.poll(async () => (await lines(closed)).at(-1)).toBe('ann retry denied read_only')
  })

  it('is read page by page and checked by an admin alone', async () => {
    const headers = asBearer(await tokenOf(shop.handler, 'ann'))
    for (let times = 0; times < 5; times += 1) await ask(shop.handler, `/none-${times}/cancel`, command({}, headers))
    await expect.poll(async () => (await entriesOf(shop)).length).toBe(6)
    const read = async (path: string) => readJson(await ask(shop.handler, path, { headers }))
    const first = auditPage.decode(await read('/audit?limit=4'))
    expect(first.entries.map(({ seq }) => seq)).toEqual([6, 5, 4, 3])
    expect(auditPage.decode(await read(`/audit?limit=4&cursor=${first.nextCursor}`))).toMatchObject({
      entries: [{ seq: 2 }, { seq: 1, action: 'login' }],
      nextCursor: null,
    })
    expect(await read('/audit?action=login&actor=ann&outcome=ok&limit=1')).toMatchObject({ entries: [{ seq: 1 }] })
    expect(await read('/audit?until=2001-01-01T00:00:00Z')).toMatchObject({ entries: [] })
    const slice = auditSlice.decode(await read('/audit/verify?limit=4'))
    expect(slice).toMatchObject({ checked: 4, next: 5, broken: null })
    expect(await read(`/audit/verify?from=${slice.next}`)).toMatchObject({ checked: 2, next: null, broken: null })
    for (const query of ['cursor=x', 'cursor=0', 'limit=501', 'outcome=maybe', 'since=yesterday', 'actor=%00', 'x=1']) {
      expect(await codeOf(ask(shop.handler, `/audit?${query}`, { headers })), query).toMatch(/^400 bad_/)
    }
  })

  it('counts what is denied too often instead of growing without end', async () => {
    for (let times = 0; times < 130; times += 1) await ask(shop.handler, '/x/cancel', command({}))
    await expect.poll(async () => (await entriesOf(shop)).length).toBe(120)
    const headers = asBearer(await tokenOf(shop.handler, 'ann'))
    await ask(shop.handler, '/unknown/cancel', command({}, headers))
    await expect
      .poll(async () => (await lines(shop)).slice(120))
      .toEqual(['ann login ok', 'ann cancel failed unknown_task'])
  })
})

describe('a log that cannot be written', () => {
  it('lets nobody in and shows no secret; what is denied is denied all the same, and the host hears of it', async () => {
    const shop = await openShop({ displayArgs: true })
    const headers = asBearer(await tokenOf(shop.handler, 'ann'))
    const id = await failedTask(shop)
    const { audit } = shop.tasks.source
    if (!audit) throw new Error('There is no log')
    const broken = { ...audit, append: () => Promise.reject(new Error('The log is full')) }
    const source = new Proxy(shop.tasks.source, {
      get: (target, key) => (key === 'audit' ? broken : (Reflect.get(target, key, target) as unknown)),
    })
    const errors: unknown[] = []
    const handler = createHandler(source, { auth: await users(), secretKey, onError: (error) => errors.push(error) })
    expect(await codeOf(ask(handler, `/${id}/cancel`, command({})))).toBe('401 unauthenticated')
    await expect.poll(() => errors.map(String)).toEqual(['Error: The log is full'])
    expect((await signIn(handler, 'ann')).status).toBe(500)
    expect((await ask(handler, '/export.json', { headers })).status).toBe(500)
    expect((await ask(handler, '/', { headers })).status).toBe(200)
  })
})

describe('revealing', () => {
  const reveal = (handler: Handler, id: string, headers: Record<string, string>, body: object) =>
    ask(handler, `/${id}/reveal`, command(body, headers))

  it('shows what is hidden, and who looked is written before he sees it', async () => {
    const shop = await openShop({ displayArgs: true, redact: ['iban'] })
    const headers = asBearer(await tokenOf(shop.handler, 'ann'))
    const id = await failedTask(shop)
    const shown = await readJson(await ask(shop.handler, `/${id}`, { headers }))
    expect(shown).toMatchObject({ args: [{ user: { name: 'Ann', password: '***' }, iban: '***' }] })
    expect(await readJson(await reveal(shop.handler, id, headers, { reason: 'a complaint' }))).toEqual({
      task_id: id,
      args: [card],
      result: null,
    })
    const one = await readJson(await reveal(shop.handler, id, headers, { reason: 'x', paths: ['user.password'] }))
    expect(one).toMatchObject({ args: [{ user: { name: 'Ann', password: 'S3CR3T' }, iban: '***' }] })
    const entries = (await entriesOf(shop)).filter(({ action }) => action === 'reveal')
    expect(entries.map(({ actor, target, reason, detail }) => [actor, target, reason, detail])).toEqual([
      ['ann', id, 'a complaint', null],
      ['ann', id, 'x', { paths: ['user.password'] }],
    ])
    expect(JSON.stringify(entries)).not.toContain('S3CR3T')
  })

  it('opens what is encrypted', async () => {
    const encryption = { keys: ['07'.repeat(32)] }
    const shop = await openShop({ displayArgs: () => undefined }, { encryption })
    const headers = asBearer(await tokenOf(shop.handler, 'ann'))
    const id = await failedTask(shop)
    expect(await readJson(await reveal(shop.handler, id, headers, { reason: 'x' }))).toMatchObject({ args: [card] })
  })

  it('is refused without a reason, a role, a sign-in or a right path, and leaves arguments out that are never shown', async () => {
    const shop = await openShop()
    const id = await failedTask(shop)
    const ann = asBearer(await tokenOf(shop.handler, 'ann'))
    const otto = asBearer(await tokenOf(shop.handler, 'otto'))
    expect(await codeOf(reveal(shop.handler, id, ann, {}))).toBe('400 bad_body')
    expect(await codeOf(reveal(shop.handler, id, ann, { reason: 'x', paths: ['a..b'] }))).toBe('400 bad_body')
    expect(await codeOf(reveal(shop.handler, id, otto, { reason: 'x' }))).toBe('403 forbidden')
    expect(await codeOf(reveal(shop.handler, 'unknown', ann, { reason: 'x' }))).toBe('404 unknown_task')
    const open = createHandler(shop.tasks.source, { displayArgs: true })
    expect(await codeOf(reveal(open, id, {}, { reason: 'x' }))).toBe('403 forbidden')
    expect((await readJson(await ask(open, '/capabilities')))['actions']).not.toContain('reveal')
    expect(await readJson(await reveal(shop.handler, id, ann, { reason: 'x' }))).toEqual({ task_id: id, result: null })
  })
})
