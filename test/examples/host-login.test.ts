import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { listTasks, postForm, Workshop, type Running } from './running.ts'

let workshop: Workshop
let site: Running
beforeAll(async () => {
  workshop = await Workshop.open()
  site = await workshop.start('host-login', 'server.ts')
}, 60_000)
afterAll(() => workshop.close())

describe('the example with a login of its own', () => {
  it('lets nobody in who has not signed in, or with a wrong password', async () => {
    expect(await (await fetch(site.origin)).text()).toContain('action="/login"')
    expect((await fetch(`${site.origin}/tasks/`)).status).toBe(401)
    for (const name of ['ann', 'nobody']) {
      const answer = await postForm(`${site.origin}/login`, { name, password: 'guessed' })
      expect([answer.status, answer.headers.get('set-cookie')]).toEqual([401, null])
    }
    expect((await postForm(`${site.origin}/orders`)).status).toBe(401)
  })

  it('shows all to the operator, one queue to the viewer, nothing to a customer', async () => {
    const ann = await signIn('ann', 'ann likes tea')
    const vera = await signIn('vera', 'vera likes coffee')
    const carl = await signIn('carl', 'carl likes water')
    expect((await postForm(`${site.origin}/orders`, {}, carl)).status).toBe(303)

    const ended = [
      { queue: 'warehouse', status: 'success' },
      { queue: 'billing', status: 'success' },
    ]
    await expect.poll(() => listTasks(site.origin, ann), { timeout: 20_000 }).toMatchObject(ended)
    expect(await listTasks(site.origin, vera)).toMatchObject(ended.slice(0, 1))
    expect((await fetch(`${site.origin}/tasks/`, { headers: carl })).status).toBe(401)

    const page = async (headers: HeadersInit) => (await fetch(site.origin, { headers })).text()
    expect(await page(vera)).toContain('<task-dashboard src="/tasks">')
    expect(await page(carl)).not.toContain('<task-dashboard')
    expect(await mayPause(ann)).toBe(200)
    expect(await mayPause(vera)).toBe(403)
  })

  it('forgets who has signed out, and ends in order', async () => {
    const ann = await signIn('ann', 'ann likes tea')
    expect((await fetch(`${site.origin}/tasks/`, { headers: ann })).status).toBe(200)
    await postForm(`${site.origin}/logout`, {}, ann)
    expect((await fetch(`${site.origin}/tasks/`, { headers: ann })).status).toBe(401)
    expect(await site.stop()).toBe(0)
  })
})

async function signIn(name: string, password: string): Promise<{ cookie: string }> {
  const answer = await postForm(`${site.origin}/login`, { name, password })
  expect(answer.status).toBe(303)
  return { cookie: answer.headers.get('set-cookie')?.split(';')[0] ?? '' }
}

async function mayPause(headers: { cookie: string }): Promise<number> {
  const answer = await fetch(`${site.origin}/tasks/queues/billing/pause`, {
    method: 'POST',
    headers: { ...headers, origin: site.origin, 'content-type': 'application/json' },
    body: '{}',
  })
  return answer.status
}
