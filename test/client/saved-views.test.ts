import {
  formatView,
  initialView,
  maxSavedViews,
  parseView,
  readSavedViews,
  writeSavedViews,
  type KeyValueStorage,
} from '@taskloom/client'
import { describe, expect, it } from 'vitest'

const src = 'https://site.test/tasks'

function memory(): KeyValueStorage & { readonly kept: Map<string, string> } {
  const kept = new Map<string, string>()
  return { kept, getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => void kept.set(key, value) }
}

describe('saved views', () => {
  it('come back, apart for each src', () => {
    const storage = memory()
    const views = { own: [{ name: 'Mail', query: 'queue=mail' }], first: 'Mail' }
    writeSavedViews(storage, src, views)
    expect(readSavedViews(storage, src)).toEqual(views)
    expect(readSavedViews(storage, `${src}2`)).toEqual({ own: [], first: null })
  })

  it.each(['', 'null', '[]', '{"own":3}', '{"own":[null,{"name":1},{"name":"","query":"x"}],"first":7}'])(
    'are none where the storage holds %s',
    (text) => {
      const storage = memory()
      storage.setItem(`taskloom:${src}:views`, text)
      expect(readSavedViews(storage, src)).toEqual({ own: [], first: null })
    },
  )

  it('are bounded, and forbidden storage is harmless', () => {
    const storage = memory()
    const own = Array.from({ length: 30 }, (_, index) => ({ name: `v${index}`, query: '' }))
    writeSavedViews(storage, src, { own, first: null })
    expect(readSavedViews(storage, src).own).toHaveLength(maxSavedViews)
    const forbidden: KeyValueStorage = {
      getItem() {
        throw new Error('forbidden')
      },
      setItem() {
        throw new Error('forbidden')
      },
    }
    writeSavedViews(forbidden, src, { own, first: null })
    expect(readSavedViews(forbidden, src).own).toEqual([])
    expect(readSavedViews(null, src).own).toEqual([])
  })

  it('leave the page and the looks to the reader', () => {
    const view = { ...initialView, statuses: ['failed' as const], search: 'tag.env:prod', cursor: 'x', pageNumber: 3 }
    expect(formatView(view)).toBe('status=failed&q=tag.env%3Aprod')
    const asked = parseView(formatView(view))
    expect(asked).toMatchObject({ statuses: ['failed'], search: 'tag.env:prod', cursor: null })
    expect(Object.keys(asked)).not.toEqual(expect.arrayContaining(['columns']))
    expect(parseView('column=status&column=worker&chart=queue&limit=50')).toMatchObject({
      columns: ['status', 'worker'],
      series: 'queue',
      pageSize: 50,
    })
  })
})
