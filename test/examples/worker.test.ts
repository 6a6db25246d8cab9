import { afterAll, beforeAll, expect, it } from 'vitest'
import { listTasks, postForm, Workshop } from './running.ts'

let workshop: Workshop
beforeAll(async () => {
  workshop = await Workshop.open()
})
afterAll(() => workshop.close())

it('the worker runs what the site has stored, and the site nothing', { timeout: 60_000 }, async () => {
  const site = await workshop.start('worker', 'site.ts')
  expect((await postForm(`${site.origin}/primes`)).status).toBe(303)
  expect(await listTasks(site.origin)).toMatchObject([{ status: 'pending' }])

  const worker = await workshop.start('worker', 'worker.ts', () => 'looks for tasks')
  await expect.poll(() => listTasks(site.origin), { timeout: 30_000 }).toMatchObject([{ status: 'success' }])
  // What is stored while both are there is found, too.
  await postForm(`${site.origin}/primes`)
  await expect
    .poll(() => listTasks(site.origin), { timeout: 30_000 })
    .toMatchObject([{ status: 'success' }, { status: 'success' }])

  const workers = (await (await fetch(`${site.origin}/tasks/workers`)).json()) as { worker_id: string; pid: number }[]
  const own = workers.find(({ pid }) => pid === worker.pid)?.worker_id
  expect(own).toBeDefined()
  for (const { worker_id } of await listTasks(site.origin)) expect(worker_id).toBe(own)
  const [task] = await listTasks(site.origin)
  expect(await (await fetch(`${site.origin}/tasks/${task?.task_id}`)).json()).toMatchObject({ result: 78_498 })

  expect(await worker.stop()).toBe(0)
  expect(await site.stop()).toBe(0)
})
