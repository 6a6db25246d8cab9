import type { MountOptions } from '@taskloom/engine/node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { nextFile } from '../faults/temporary.ts'
import { openHouse, type House } from './house.ts'
import { publicRows } from './rows/public.ts'

const houses: Readonly<Record<string, MountOptions>> = {
  'where users sign in': {},
  'where nobody signs in': { auth: undefined } as unknown as MountOptions,
}

describe.each(Object.entries(houses))('tokens for end users %s', (_where, options) => {
  let house: House
  beforeAll(async () => {
    house = await openHouse(options, nextFile())
  })
  afterAll(() => house.close())

  it.each(publicRows.map((row) => [row.id, row.title, row] as const))('%s: %s', async (_id, _title, row) => {
    await row.show(house)
    expect(house.errors).toEqual([])
  })
})
