import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHouse, type House } from './house.ts'
import { contentRows } from './rows/content.ts'
import { limitRows } from './rows/limits.ts'
import { liveRows } from './rows/live.ts'
import { originRows } from './rows/origins.ts'
import { routingRows } from './rows/routing.ts'
import { secretRows } from './rows/secrets.ts'
import { sessionRows } from './rows/sessions.ts'

const rows = [...originRows, ...sessionRows, ...liveRows, ...routingRows, ...contentRows, ...secretRows, ...limitRows]

let house: House
beforeAll(async () => {
  house = await openHouse()
})
afterAll(() => house.close())

describe('the security requirements', () => {
  it('are all here', () => {
    expect(rows.map(({ id }) => id)).toEqual(Array.from({ length: 50 }, (_, index) => `A${index + 1}`))
  })

  it.each(rows.map((row) => [row.id, row.title, row] as const))(
    '%s: %s',
    { timeout: 120_000 },
    async (_id, _title, row) => {
      await row.show(house)
      // Whatever was sent, the next one is served.
      expect((await house.ask('/livez', { headers: await house.signIn() })).body).toBe('{"status":"ok"}')
      expect(house.errors).toEqual([])
    },
  )
})
