import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { browserSnapshots, browserStorage, createPersistence, maxHeldIds } from '../../packages/client/src/persist.ts'
import { initialView } from '../../packages/client/src/view-query.ts'
import { makeTask, noon } from './builders.ts'

const snapshot = {
  lastEventId: 'a-5',
  dataAt: noon,
  heldIds: ['x', 'y'],
  heldIsCapped: false,
  tasks: [
    makeTask(1, {
      error: 'SECRET',
      tags: { key: 'SECRET' },
      progress: { percent: 1, message: 'SECRET' },
      userLabel: 'SECRET',
    }),
  ],
}

function memory() {
  const texts = new Map<string, string>()
  const values = new Map<string, unknown>()
  return {
    texts,
    values,
    storage: {
      getItem: (key: string) => texts.get(key) ?? null,
      setItem: (key: string, value: string) => void texts.set(key, value),
    },
    snapshots: {
      get: (key: string) => Promise.resolve(values.get(key)),
      set: (key: string, value: unknown) => Promise.resolve(void values.set(key, value)),
    },
  }
}

describe('what is remembered', () => {
  it('comes back, on the first page, for its own address only', async () => {
    const { storage, snapshots } = memory()
    const persistence = createPersistence({ src: '/tasks', storage, snapshots })
    persistence.writePreferences({
      view: { ...initialView, search: 'mail', cursor: 'c', pageNumber: 3 },
      isPaused: true,
    })
    await persistence.writeSnapshot(snapshot)
    expect(persistence.readPreferences()).toEqual({ view: { ...initialView, search: 'mail' }, isPaused: true })
    expect(await persistence.readSnapshot()).toMatchObject({ lastEventId: 'a-5', heldIds: ['x', 'y'], dataAt: noon })
    const other = createPersistence({ src: '/other', storage, snapshots })
    expect([other.readPreferences(), await other.readSnapshot()]).toEqual([null, null])
  })

  it('holds nothing that user code wrote', async () => {
    const { storage, snapshots, values } = memory()
    await createPersistence({ src: '/tasks', storage, snapshots }).writeSnapshot(snapshot)
    expect(JSON.stringify([...values.values()])).not.toContain('SECRET')
  })
})

describe('storage that cannot be relied on', () => {
  it.each([
    ['is absent', null, null],
    [
      'throws',
      {
        getItem: () => {
          throw new Error('denied')
        },
        setItem: () => {
          throw new Error('full')
        },
      },
      { get: () => Promise.reject(new Error('gone')), set: () => Promise.reject(new Error('full')) },
    ],
  ])('%s and does no harm', async (_, storage, snapshots) => {
    const persistence = createPersistence({ src: '/tasks', storage, snapshots })
    persistence.writePreferences({ view: initialView, isPaused: true })
    await persistence.writeSnapshot(snapshot)
    expect([persistence.readPreferences(), await persistence.readSnapshot()]).toEqual([null, null])
  })

  it('holds garbage and does no harm', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string(), fc.anything(), fc.array(fc.anything()), async (text, value, list) => {
        for (const stored of [value, { heldIds: list, tasks: list }]) {
          const persistence = createPersistence({
            src: '/tasks',
            storage: { getItem: () => text, setItem: () => undefined },
            snapshots: { get: () => Promise.resolve(stored), set: () => Promise.resolve() },
          })
          persistence.readPreferences()
          const read = await persistence.readSnapshot()
          expect(read === null || read.heldIds.every((id) => typeof id === 'string')).toBe(true)
        }
      }),
    )
  })

  it('is bounded when it is read', async () => {
    const heldIds = Array.from({ length: maxHeldIds + 5 }, (_, index) => String(index))
    const snapshots = { get: () => Promise.resolve({ ...snapshot, heldIds }), set: () => Promise.resolve() }
    const read = await createPersistence({ src: '/tasks', snapshots }).readSnapshot()
    expect([read?.heldIds.length, read?.heldIsCapped]).toEqual([maxHeldIds, true])
  })

  it('is null outside a browser', () => {
    expect(browserSnapshots()).toBeNull()
    expect(() => browserStorage()).not.toThrow()
  })
})
