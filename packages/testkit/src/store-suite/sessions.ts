import type { Session, Store } from '@taskloom/engine/store'
import { describe, expect, it } from 'vitest'

/** Who is signed in. */
export function describeSessions(store: () => Store): void {
  const create = async (session: Session, maxPerUser = 10): Promise<Session> => {
    await store().sessions.create(session, maxPerUser)
    return session
  }
  const remaining = async (...ids: readonly string[]) => {
    const found = await Promise.all(ids.map((id) => store().sessions.find(id)))
    return found.flatMap((session) => session?.id ?? [])
  }

  describe('keeps sessions', () => {
    it('and gives back every field, only for the very id', async () => {
      const { sessions } = store()
      const session = await create(sample('Id-1', { user: 'Zoë 😀', fingerprint: 'f/+=' }))
      expect(await sessions.find('Id-1')).toEqual(session)
      expect(await remaining('id-1', 'Id-', 'Id-1 ', '')).toEqual([])
    })

    it('and moves the last use forward, never back, and of that session alone', async () => {
      const { sessions } = store()
      await create(sample('a'))
      await create(sample('b'))
      await sessions.touch('a', 9_000)
      await sessions.touch('a', 8_000)
      await sessions.touch('gone', 9_000)
      expect(await sessions.find('a')).toEqual(sample('a', { seenAt: 9_000 }))
      expect(await sessions.find('b')).toEqual(sample('b'))
      expect(await sessions.find('gone')).toBeUndefined()
    })

    it('until they are revoked, once', async () => {
      const { sessions } = store()
      await create(sample('a'))
      await create(sample('b'))
      expect(await sessions.revoke('a')).toBe(true)
      expect(await sessions.revoke('a')).toBe(false)
      await sessions.touch('a', 9_000)
      expect(await remaining('a', 'b')).toEqual(['b'])
    })

    it('until all of their user are revoked, and of nobody else', async () => {
      const { sessions } = store()
      await create(sample('a', { user: 'ann' }))
      await create(sample('b', { user: 'ann' }))
      await create(sample('c', { user: 'Ann' }))
      expect(await sessions.revokeAll('ann')).toBe(2)
      expect(await sessions.revokeAll('ann')).toBe(0)
      expect(await remaining('a', 'b', 'c')).toEqual(['c'])
    })

    it('of one user only so many: those that were used last, and always the new one', async () => {
      await create(sample('a', { seenAt: 1_000 }), 3)
      await create(sample('b', { seenAt: 1_001 }), 3)
      await create(sample('other', { user: 'bob', seenAt: 1 }), 3)
      await create(sample('c', { seenAt: 1_002 }), 3)
      await store().sessions.touch('a', 2_000)
      await create(sample('d', { seenAt: 2_001 }), 3)
      expect(await remaining('a', 'b', 'c', 'd', 'other')).toEqual(['a', 'c', 'd', 'other'])
      await create(sample('e', { seenAt: 500 }), 1)
      expect(await remaining('a', 'c', 'd', 'e', 'other')).toEqual(['e', 'other'])
    })

    it('and deletes those that are over or were not used, as many as it may', async () => {
      const { sessions } = store()
      await create(sample('expired', { expiresAt: 5_000 }))
      await create(sample('late', { expiresAt: 5_001 }))
      await create(sample('idle', { seenAt: 1_999 }))
      await create(sample('used', { seenAt: 2_000 }))
      const over = { expiredBy: 5_000, seenBefore: 2_000 }
      await Promise.all(['late', 'expired'].map((id) => sessions.touch(id, 3_000)))
      expect(await sessions.purge({ ...over, limit: 1 })).toBe(1)
      expect(await sessions.purge({ ...over, limit: 10 })).toBe(1)
      expect(await sessions.purge({ ...over, limit: 10 })).toBe(0)
      expect(await remaining('expired', 'late', 'idle', 'used')).toEqual(['late', 'used'])
    })
  })
}

function sample(id: string, changes: Partial<Session> = {}): Session {
  return { id, user: 'ann', fingerprint: 'f', createdAt: 1_000, seenAt: 1_000, expiresAt: 99_000, ...changes }
}
