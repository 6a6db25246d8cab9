import { describe, expect, it } from 'vitest'
import { buildRecord } from '@taskloom/testkit'
import { Reads } from '../../packages/engine/src/queues/bullmq/reads.ts'

describe('tasks of jobs', () => {
  it('are asked for at once when they came together, and gather while a round is on its way', async () => {
    const { reads, asked, answer } = slowStore()
    const first = Promise.all([reads.get('a'), reads.get('b')])
    await expect.poll(() => asked).toEqual(['a', 'b'])
    const second = Promise.all([reads.get('c'), reads.get('d')])
    answer()
    expect((await first).map((task) => task?.taskId)).toEqual(['a', 'b'])
    await expect.poll(() => asked).toEqual(['a', 'b', 'c', 'd'])
    answer()
    expect((await second).map((task) => task?.taskId)).toEqual(['c', 'd'])
  })

  it('hear what the store says, each for itself, and the next ones are asked for all the same', async () => {
    const { reads, asked, answer, refuse } = slowStore()
    const refused = reads.get('a').catch((error: unknown) => error)
    await expect.poll(() => asked).toEqual(['a'])
    refuse()
    expect(await refused).toEqual(new Error('The store is away'))
    const next = reads.get('b')
    await expect.poll(() => asked).toEqual(['a', 'b'])
    answer()
    expect((await next)?.taskId).toBe('b')
  })
})

/** A store that answers what it was asked for when it is told to. */
function slowStore() {
  const asked: string[] = []
  const waiting: { readonly answer: () => void; readonly refuse: () => void }[] = []
  const get = (taskId: string) => {
    asked.push(taskId)
    return new Promise<ReturnType<typeof buildRecord>>((resolve, reject) => {
      const answer = (): void => resolve(buildRecord({ taskId }))
      waiting.push({ answer, refuse: () => reject(new Error('The store is away')) })
    })
  }
  return {
    asked,
    reads: new Reads({ tasks: { get } }),
    answer: () => waiting.splice(0).forEach(({ answer }) => answer()),
    refuse: () => waiting.splice(0).forEach(({ refuse }) => refuse()),
  }
}
