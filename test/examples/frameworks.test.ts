import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Workshop } from './running.ts'
import { useSite } from './use-site.ts'

let workshop: Workshop
beforeEach(async () => {
  workshop = await Workshop.open()
})
afterEach(() => workshop.close())

describe.each([
  ['express', 'server.ts'],
  ['koa', 'server.ts'],
  ['fastify', 'server.ts'],
  ['hono', 'server.ts'],
  ['node-http', 'server.ts'],
  ['nest', 'main.ts'],
])('the example %s', (name, file) => {
  it('counts what its page sends, shows it, and ends in order', { timeout: 60_000 }, async () => {
    const site = await workshop.start(name, file)
    await useSite(site)
    expect(await site.stop()).toBe(0)
  })
})
