import { describe, expect, it } from 'vitest'
import { Lane, type Kind } from '../../packages/engine/src/stores/sql/lane.ts'

/** Items are names of what they change, `alone` for one that nothing may go beside; each deed is over when it is told. */
function openLane(most = 10) {
  const lane = new Lane()
  const begun: (readonly string[])[] = []
  const finish: (() => void)[] = []
  const kind: Kind<string, string> = {
    most,
    plan: (items) => ({
      changes: items.includes('alone') ? null : new Set(items),
      act: () => {
        begun.push(items)
        return new Promise((resolve) => finish.push(() => resolve(items.map((item) => `${item} done`))))
      },
    }),
  }
  const answers: unknown[] = []
  const ask = async (...items: readonly string[]) => {
    void lane.ask(kind, items).then((answer) => answers.push(answer))
    await aWhile()
  }
  const over = async (place: number) => {
    finish[place]?.()
    await aWhile()
  }
  return { lane, begun, answers, ask, over }
}

async function aWhile(): Promise<void> {
  await new Promise<void>((resolve) => void setImmediate(resolve))
}

describe('the lane of a store', () => {
  it('does two things beside each other that change different things', async () => {
    const { begun, answers, ask, over } = openLane()
    await ask('a', 'b')
    await ask('c')
    expect(begun).toEqual([['a', 'b'], ['c']])
    await over(1)
    expect(answers).toEqual([['c done']])
    await over(0)
    expect(answers).toEqual([['c done'], ['a done', 'b done']])
  })

  it('does not do more than two, and what gathers goes together', async () => {
    const { begun, ask, over } = openLane()
    for (const item of ['a', 'b', 'c', 'd']) await ask(item)
    expect(begun).toEqual([['a'], ['b']])
    await over(0)
    expect(begun).toEqual([['a'], ['b'], ['c', 'd']])
  })

  it('keeps the order of what changes the same', async () => {
    const { begun, ask, over } = openLane()
    await ask('a')
    await ask('a', 'b')
    await ask('c')
    expect(begun).toEqual([['a']])
    await over(0)
    expect(begun).toEqual([['a'], ['a', 'b', 'c']])
  })

  it('lets nothing go beside what must be alone, nor past it', async () => {
    const { begun, ask, over } = openLane(1)
    await ask('a')
    await ask('alone')
    await ask('b')
    expect(begun).toEqual([['a']])
    await over(0)
    expect(begun).toEqual([['a'], ['alone']])
    await over(1)
    expect(begun).toEqual([['a'], ['alone'], ['b']])
  })

  it('puts the answers of what was done in parts together', async () => {
    const { begun, answers, ask, over } = openLane(2)
    await ask('a', 'b', 'c')
    expect(begun).toEqual([['a', 'b'], ['c']])
    await over(1)
    expect(answers).toEqual([])
    await over(0)
    expect(answers).toEqual([['a done', 'b done', 'c done']])
  })

  it('is closed when all of it is done, and takes nothing more', async () => {
    const { lane, answers, ask, over } = openLane()
    await ask('a')
    await ask('b')
    await ask('a')
    let isClosed = false
    const closing = lane.close().then(() => (isClosed = true))
    await ask('c')
    expect(answers).toMatchObject([[{ code: 'store_failed' }]])
    await over(1)
    await over(0)
    expect(isClosed).toBe(false)
    await over(2)
    await closing
    await lane.close()
  })
})
