import { describe, expect, it } from 'vitest'
import { ClientError, madeProblem } from '../../packages/client/src/http.ts'
import { makeTask, taskIdOf } from './builders.ts'
import { goLive, shownIds } from './dashboard-scene.ts'
import { rest } from './manual-timing.ts'

describe('actions', () => {
  it('retry once, offer the new task, and show it', async () => {
    const { server, store } = await goLive()
    server.publish(makeTask(3, { status: 'failed', version: 2 }))
    await rest()
    const retried = store.retry(taskIdOf(3))
    expect([...store.state.busyActions]).toEqual([`retry:${taskIdOf(3)}`])
    await Promise.all([retried, store.retry(taskIdOf(3))])
    expect(server.calls.filter((call) => call === 'retry')).toHaveLength(1)
    expect(store.state.busyActions.size).toBe(0)
    expect(store.state.toasts).toMatchObject([{ tone: 'done', taskId: `${taskIdOf(3)}-again` }])
    expect(shownIds(store)).toContain(`${taskIdOf(3)}-again`)
  })

  it('fail by toasts, of which five are kept', async () => {
    const { store } = await goLive()
    for (let number = 1; number <= 7; number += 1) await store.cancel(taskIdOf(number))
    expect(store.state.toasts.map(({ id, tone }) => [id, tone])).toEqual([3, 4, 5, 6, 7].map((id) => [id, 'failed']))
    store.dismissToast(5)
    expect(store.state.toasts).toHaveLength(4)
  })

  it('say at a task what is in its way, until it is acted upon again', async () => {
    const { server, store } = await goLive()
    const [taskId, otherId] = [taskIdOf(1), taskIdOf(2)]
    const problem = { ...madeProblem('conflict', 'Something else holds this', 409), extra: { task_id: otherId } }
    server.failure = new ClientError(problem)
    await store.deleteTask(taskId)
    await store.retryFailed('6h')
    const conflict = { text: 'Something else holds this', taskId: otherId }
    expect([...store.state.conflicts]).toEqual([[taskId, conflict]])
    expect(store.state.toasts.map(({ tone }) => tone)).toEqual(['warning', 'failed'])
    store.dismissConflict(otherId)
    expect(store.state.conflicts.size).toBe(1)
    store.dismissConflict(taskId)
    expect(store.state.conflicts.size).toBe(0)
    await store.deleteTask(taskId)
    server.failure = new ClientError(madeProblem('network', 'The server cannot be reached', 0))
    await store.deleteTask(taskId)
    expect(store.state.conflicts.size).toBe(0)
  })

  it('retry a selection in parts that the server takes', async () => {
    const { server, store } = await goLive()
    store.select(
      Array.from({ length: 1_100 }, (_, index) => String(index)),
      true,
    )
    const answer = await store.retrySelected()
    expect(answer?.dispatched).toBe(1_100)
    expect(server.calls.filter((call) => call.startsWith('bulkRetry'))).toEqual([
      'bulkRetry 500',
      'bulkRetry 500',
      'bulkRetry 100',
    ])
    expect(store.state.selectedIds.size).toBe(0)
  })

  it('answer with what they did', async () => {
    const { store } = await goLive()
    expect(await store.clearHistory(1, 'day')).toBe(4)
    expect(await store.retryFailed('6h')).toMatchObject({ dispatched: 1, skipped: 2 })
    expect(store.state.toasts).toMatchObject([
      { text: '{n} tasks deleted', one: '{n} task deleted', values: { n: 4 } },
      { text: '{dispatched} retried, {skipped} skipped', values: { dispatched: 1, skipped: 2 } },
    ])
  })

  it('say why tasks were skipped, and warn unless they were retried already', async () => {
    const { server, store } = await goLive()
    const words = async (dispatched: number, ...reasons: readonly string[]): Promise<unknown> => {
      const results = reasons.map((reason, index) => ({ originalTaskId: taskIdOf(index), newTaskId: null, reason }))
      server.replayed = { dispatched, skipped: reasons.length, results }
      await store.retryFailed('all')
      const { tone, text = '', values = {} } = store.state.toasts.at(-1) ?? {}
      return [tone, text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name]))]
    }
    expect(await words(3)).toEqual(['done', '3 retried'])
    expect(await words(3, 'already_retried')).toEqual(['done', '3 retried, 1 skipped: 1 × already retried'])
    expect(await words(0, 'already_retried')).toEqual(['warning', '0 retried, 1 skipped: 1 × already retried'])
    expect(await words(1, 'locked', 'too_many_pending', 'locked')).toEqual([
      'warning',
      '1 retried, 3 skipped: 2 × locked, 1 × too many pending',
    ])
    const known = ['unknown', 'wrong_status', 'not_registered', 'key_missing', 'unreadable']
    expect(String(await words(1, ...known))).not.toMatch(/_/)
    expect(await words(1, 'something_new')).toEqual(['warning', '1 retried, 1 skipped: 1 × something new'])
  })

  it('export what is shown', async () => {
    const { store } = await goLive(3, { view: { pageSize: 1 } })
    const file = await store.exportCsv()
    expect(file?.name).toBe('tasks-2026-01-31.csv')
    expect((await file?.blob.text())?.trim().split('\r\n')).toHaveLength(4)
    expect(store.state.csv).toBeNull()
  })
})
