import type { Store } from '@taskloom/engine/store'
import { describe, expect, it } from 'vitest'

/** What is signed with. */
export function describeSecrets(store: () => Store): void {
  describe('keeps secrets', () => {
    it('the first of each name, whoever asks at once', async () => {
      const { secrets } = store()
      const asked = await Promise.all(['one', 'two', 'three'].map((fresh) => secrets.keep('a', fresh)))
      expect(new Set(asked).size).toBe(1)
      expect(['one', 'two', 'three']).toContain(asked[0])
      expect(await secrets.keep('a', 'four')).toBe(asked[0])
      expect(await secrets.keep('b', 'five')).toBe('five')
    })
  })
}
