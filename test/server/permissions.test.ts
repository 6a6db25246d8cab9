import { actionNames, routes, type ActionName, type Route, type RouteName } from '@taskloom/protocol'
import { beforeEach, describe, expect, it } from 'vitest'
import type { Handler, HandlerOptions } from '../../packages/engine/src/server/handler.ts'
import { ask, codeOf, command, readJson } from './request.ts'
import { mount, type Mounted } from './mounted.ts'

type RoleName = 'viewer' | 'operator' | 'admin'

/** Written out again, so that a change of the table is a change that somebody meant. */
const allowed: Record<RoleName, readonly ActionName[]> = {
  viewer: ['export'],
  operator: [
    'export',
    'retry',
    'cancel',
    'run_now',
    'move',
    'bulk_retry',
    'bulk_cancel',
    'schedule_run',
    'schedule_pause',
    'queue_pause',
    'triage',
  ],
  admin: actionNames,
}
const open: readonly RouteName[] = ['asset', 'loginPage', 'login']
/** Who trusts the host's own login: here a header stands for it. */
const auth: HandlerOptions['auth'] = (request: Request) => {
  const role = request.headers.get('x-role')
  return role === null ? null : { name: `the ${role}`, role: role as RoleName }
}

let mounted: Mounted
let handler: Handler
let taskId: string

beforeEach(async () => {
  mounted = mount()
  handler = mounted.open({ auth, enqueue: true })
  taskId = (await mounted.source.add({ status: 'failed' })).taskId
})

const table = Object.entries(routes) as [RouteName, Route][]

function request(name: RouteName, role: RoleName | null, of: Handler = handler): Promise<Response> {
  const { method, path }: Route = routes[name]
  const filled = path
    .replace('{task_id}', taskId)
    .replace(/\{\w+\}/g, 'work')
    .replace('*', 'page.css')
  const who = role === null ? {} : { 'x-role': role }
  const asked = method === 'GET' ? { headers: who } : { ...command({}, who), method }
  return ask(of, filled === '' ? '' : `/${filled}`, asked)
}

describe.each(table)('%s', (name, route) => {
  it('is closed to who is not signed in', async () => {
    const response = await request(name, null)
    await response.body?.cancel()
    if (open.includes(name)) expect(response.status).not.toBe(401)
    else expect(response.status).toBe(401)
    expect(mounted.source.acts).toEqual([])
  })

  it.each(['viewer', 'operator', 'admin'] as const)('asks the role: %s', async (role) => {
    const response = await request(name, role)
    const isAllowed = route.action === null || allowed[role].includes(route.action)
    if (isAllowed) {
      expect([401, 403]).not.toContain(response.status)
      await response.body?.cancel()
    } else {
      expect(await codeOf(response)).toBe('403 forbidden')
      expect(mounted.source.acts).toEqual([])
    }
  })

  it('changes nothing where the dashboard is read-only', async () => {
    const readOnly = mounted.open({ auth, write: false, enqueue: true })
    const response = await request(name, 'admin', readOnly)
    const isChange = route.action !== null && !['export', 'read_audit', 'reveal'].includes(route.action)
    if (isChange) expect(await codeOf(response)).toBe('403 read_only')
    else await response.body?.cancel()
    expect(mounted.source.acts).toEqual([])
  })
})

describe('what the caller may do', () => {
  it.each(['viewer', 'operator', 'admin'] as const)('is told to the dashboard of the %s', async (role) => {
    const { actions } = await readJson(await request('capabilities', role))
    const { offers } = mounted.source
    expect(actions).toEqual(offers.actions.filter((action) => allowed[role].includes(action)))
  })

  it('is nothing that changes anything, in production without a login, and the dashboard says so', async () => {
    const bare = mounted.open({ production: true })
    const { actions, notices } = await readJson(await ask(bare, '/capabilities'))
    expect(actions).not.toContain('retry')
    expect(notices).toContain('This dashboard is read-only because nobody has to sign in.')
    expect(await codeOf(ask(bare, `/${taskId}/retry`, command()))).toBe('403 read_only')
    const meant = mounted.open({ production: true, write: true })
    expect((await ask(meant, `/${taskId}/retry`, command())).status).toBe(200)
  })
})

describe('authorize', () => {
  it('is asked with the caller, the action and the task', async () => {
    const asked: unknown[] = []
    const choosy = mounted.open({
      auth,
      authorize: (user, action, task) => {
        asked.push([user.name, action, task?.taskId ?? null])
        return action === 'retry'
      },
    })
    expect((await request('retry', 'operator', choosy)).status).toBe(200)
    expect(await codeOf(request('bulkRetry', 'operator', choosy))).toMatch(/^40[03]/)
    expect(await codeOf(request('cancel', 'admin', choosy))).toBe('403 forbidden')
    expect(asked).toContainEqual(['the operator', 'retry', taskId])
    expect(asked).toContainEqual(['the admin', 'cancel', taskId])
  })

  it.each([
    ['throws', () => Promise.reject(new Error('down'))],
    ['gives nothing', () => undefined as unknown as boolean],
    ['gives something that is merely not false', () => 'yes' as unknown as boolean],
  ])('that %s forbids', async (_, authorize) => {
    const closed = mounted.open({ auth, authorize })
    expect(await codeOf(request('retry', 'admin', closed))).toBe('403 forbidden')
    expect(mounted.source.acts).toEqual([])
  })

  it('is asked about each task of a bulk retry', async () => {
    const other = (await mounted.source.add({ status: 'failed' })).taskId
    const choosy = mounted.open({ auth, authorize: (_user, _action, task) => task === null || task.taskId === taskId })
    const body = { task_ids: [taskId, other] }
    const response = await ask(choosy, '/bulk-retry', command(body, { 'x-role': 'operator' }))
    const { results } = (await readJson(response)) as { results: { original_task_id: string; reason: string | null }[] }
    expect(results.map(({ original_task_id, reason }) => [original_task_id, reason])).toEqual([
      [taskId, null],
      [other, 'forbidden'],
    ])
  })
})
