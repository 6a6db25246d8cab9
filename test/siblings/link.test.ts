import type { TaskSummary } from '@taskloom/protocol'
import { describe, expect, it } from 'vitest'
import { watchList, type RowsView } from '../../packages/dashboard/src/siblings/list-watch.ts'
import { watchTask, type TaskHold, type TaskView } from '../../packages/dashboard/src/siblings/task-watch.ts'
import { makeTask as numbered } from '../client/builders.ts'
import { rest } from '../client/manual-timing.ts'
import { Scene } from './scene.ts'

const pollIntervalMs = 5_000
const makeTask = (changes: Partial<TaskSummary>) => numbered(1, changes)
const running = (taskId: string, percent = 10, version = 2) =>
  makeTask({ taskId, status: 'running', version, progress: { percent, message: null } })

function watch(scene: Scene, taskId: string, changes = {}): { hold: TaskHold; seen: TaskView[] } {
  const seen: TaskView[] = []
  const hold = watchTask(scene.settings(changes), { taskId, pollIntervalMs }, (view) => seen.push(view), scene.world)
  return { hold, seen }
}

describe('the stream of small elements', () => {
  it('is one for all of a page, and each task is asked for once', async () => {
    const scene = new Scene()
    scene.tasks = [running('t1'), running('t2')]
    const all = ['t1', 't2', 't1', 't2', 't1'].map((id) => watch(scene, id))
    const rows: RowsView[] = []
    const list = watchList(
      scene.settings(),
      { params: new URLSearchParams('status=running'), pollIntervalMs },
      (view) => rows.push(view),
      scene.world,
    )
    await scene.settle()
    expect(scene.connections).toHaveLength(1)
    expect([scene.count('t1/progress'), scene.count('t2/progress'), scene.count('')]).toEqual([1, 1, 1])
    expect(all.map(({ hold }) => hold.view.task?.taskId)).toEqual(['t1', 't2', 't1', 't2', 't1'])
    expect(rows.at(-1)?.tasks).toHaveLength(2)

    await scene.publish(running('t1', 60, 3))
    expect(all.map(({ hold }) => hold.view.task?.progress?.percent)).toEqual([60, 10, 60, 10, 60])
    expect(rows.at(-1)?.tasks.find(({ taskId }) => taskId === 't1')?.progress?.percent).toBe(60)
    expect(scene.calls).toHaveLength(4)

    for (const { hold } of all) hold.release()
    await scene.timing.advance(100)
    expect(scene.open).toHaveLength(1)
    list.leave()
    await scene.timing.advance(100)
    expect(scene.open).toHaveLength(0)
    expect(scene.timing.pendingCount).toBe(0)
  })

  it('tells a page with one task of no other', async () => {
    const scene = new Scene()
    scene.tasks = [running('0190-only')]
    watch(scene, '0190-only')
    await scene.settle()
    expect(scene.calls[0]?.query.get('q')).toBe('0190-only')
    watch(scene, '0190-other')
    await scene.settle()
    expect(scene.open).toHaveLength(1)
    expect(
      scene.calls
        .filter(({ path }) => path === 'stream')
        .at(-1)
        ?.query.get('q'),
    ).toBe(null)
  })

  it('is another for another token, mount or way to ask, and the token is in no address', async () => {
    const scene = new Scene()
    scene.tasks = [running('t1')]
    const other = { fetch: (...args: Parameters<typeof fetch>) => scene.fetch(...args) }
    for (const changes of [
      {},
      { token: 'secret-a' },
      { token: 'secret-b' },
      other,
      { credentials: 'include' as const },
    ]) {
      watch(scene, 't1', changes)
    }
    watch(scene, 't1', { token: 'secret-a' })
    await scene.timing.advance(50)
    expect(scene.connections).toHaveLength(5)
    expect(scene.calls.map(({ bearer }) => bearer)).toEqual([null, 'Bearer secret-a', 'Bearer secret-b', null, null])
    expect(scene.calls.some(({ query }) => query.toString().includes('secret'))).toBe(false)
  })

  it('asks for the token anew with each request', async () => {
    const scene = new Scene()
    scene.tasks = [running('t1')]
    let count = 0
    watch(scene, 't1', { token: 'old', getToken: () => Promise.resolve(`token-${(count += 1)}`) })
    await scene.settle()
    expect(scene.calls.map(({ bearer }) => bearer)).toEqual(['Bearer token-1', 'Bearer token-2'])
  })

  it('is not held for a task that has ended', async () => {
    const scene = new Scene()
    scene.tasks = [running('t1')]
    const { hold } = watch(scene, 't1')
    await scene.settle()
    await scene.publish(makeTask({ taskId: 't1', status: 'success', version: 9 }))
    expect(hold.view.task?.status).toBe('success')
    await scene.timing.advance(100)
    expect(scene.open).toHaveLength(0)
    expect(scene.timing.pendingCount).toBe(0)
  })

  it('rests while nobody looks and goes on where it was', async () => {
    const scene = new Scene()
    scene.tasks = [running('t1')]
    const { hold } = watch(scene, 't1')
    await scene.settle()
    await scene.publish(running('t1', 20, 3))
    scene.hide(true)
    expect(scene.open).toHaveLength(0)
    await scene.timing.advance(600_000)
    expect(scene.connections).toHaveLength(1)
    scene.hide(false)
    await rest()
    expect(scene.connections.at(-1)?.lastEventId).toBe('a-2')
    await scene.settle()
    expect(scene.count('t1/progress')).toBe(1)
    await scene.publish(running('t1', 70, 4))
    expect(hold.view.task?.progress?.percent).toBe(70)
  })

  it('is stood in for by polling where it does not come', async () => {
    const scene = new Scene()
    scene.tasks = [running('t1')]
    scene.refused.set('stream', 404)
    const { hold } = watch(scene, 't1')
    await scene.timing.advance(100)
    expect([hold.view.phase, hold.view.connection]).toEqual(['known', 'polling'])
    scene.tasks = [running('t1', 44, 3)]
    await scene.timing.advance(5_000)
    expect(hold.view.task?.progress?.percent).toBe(44)
  })

  it('polls with a token that is good for its task and not for the stream', async () => {
    const scene = new Scene()
    scene.tasks = [running('t1')]
    scene.refused.set('stream', 403)
    const { hold } = watch(scene, 't1', { token: 'narrow' })
    await scene.timing.advance(100)
    expect([hold.view.phase, hold.view.connection]).toEqual(['known', 'polling'])
    scene.tasks = [running('t1', 44, 3)]
    await scene.timing.advance(5_000)
    expect(hold.view.task?.progress?.percent).toBe(44)
    hold.release()
    await scene.timing.advance(100)
    expect(scene.timing.pendingCount).toBe(0)
  })

  it('asks for everything it may see where it may not search', async () => {
    const scene = new Scene()
    scene.tasks = [running('t1')]
    scene.mayNotSearch = true
    const given = watch(scene, 't1', { token: 'for-t1' })
    const made = watch(scene, 't1', { getToken: () => 'for-t1' })
    await scene.settle()
    await scene.settle()
    const asked = scene.calls.filter(({ path }) => path === 'stream').map(({ query }) => query.get('q'))
    expect(asked.sort()).toEqual([null, null, 't1'])
    expect([given.hold.view.connection, made.hold.view.connection]).toEqual(['live', 'live'])
  })

  it.each([401, 403])('stops at %i, says so, and asks again when it is asked to', async (status) => {
    const scene = new Scene()
    scene.tasks = [running('t1')]
    scene.refused.set('stream', status).set('t1/progress', status)
    const { hold } = watch(scene, 't1')
    await scene.timing.advance(100)
    expect([hold.view.phase, hold.view.problem?.status]).toEqual(['refused', status])
    const asked = scene.calls.length
    await scene.timing.advance(600_000)
    expect(scene.calls).toHaveLength(asked)

    scene.refused.clear()
    hold.reload()
    await scene.settle()
    expect(hold.view.phase).toBe('known')
  })

  it('knows a task that there is not from one that was deleted', async () => {
    const scene = new Scene()
    scene.tasks = [running('t1')]
    const [known, unknown] = [watch(scene, 't1'), watch(scene, 'nowhere')]
    await scene.settle()
    expect([known.hold.view.phase, unknown.hold.view.phase, unknown.hold.view.task]).toEqual(['known', 'gone', null])
    scene.tasks = []
    scene.open[0]?.write('id: a-9\nevent: tasks\ndata: {"changed":[],"removed":["t1"],"overflow":null}\n\n')
    await scene.timing.advance(2_000)
    expect([known.hold.view.phase, known.hold.view.task?.status]).toEqual(['gone', 'running'])
  })

  it('never goes back to an older version, and asks again after a gap', async () => {
    const scene = new Scene()
    scene.tasks = [running('t1', 50, 5)]
    const { hold } = watch(scene, 't1')
    await scene.settle()
    await scene.publish(running('t1', 10, 4))
    expect(hold.view.task?.progress?.percent).toBe(50)
    scene.tasks = [running('t1', 80, 6)]
    scene.open[0]?.write('id: a-9\nevent: reset\ndata: {"reason":"gap"}\n\n')
    await scene.timing.advance(2_000)
    expect(hold.view.task?.progress?.percent).toBe(80)
  })

  it('says that the server is away and keeps what it knew', async () => {
    const scene = new Scene()
    scene.tasks = [running('t1')]
    const { hold } = watch(scene, 't1')
    await scene.settle()
    scene.isAway = true
    scene.connections[0]?.end()
    await scene.timing.advance(60_000)
    expect([hold.view.phase, hold.view.connection, hold.view.task?.status]).toEqual(['known', 'offline', 'running'])
    scene.isAway = false
    await scene.timing.advance(60_000)
    await scene.settle()
    expect(hold.view.connection).toBe('live')
  })

  it('asks again, once the stream goes on, for what was not answered meanwhile', async () => {
    const scene = new Scene()
    scene.tasks = [running('t1'), running('t2'), running('t3')]
    for (const id of ['t1', 't2']) watch(scene, id)
    await scene.settle()
    scene.isAway = true
    scene.connections[0]?.end()
    const late = watch(scene, 't3')
    await scene.timing.advance(200)
    scene.isAway = false
    await scene.timing.advance(800)
    await scene.settle()
    expect(scene.connections.at(-1)?.lastEventId).toBe('a-1')
    expect([late.hold.view.phase, late.hold.view.connection]).toEqual(['known', 'live'])
  })

  it('asks for a list again only when rows come, go or move, at most once a second', async () => {
    const scene = new Scene()
    scene.tasks = [makeTask({ taskId: 'f1', status: 'failed', version: 2 })]
    const rows: RowsView[] = []
    const params = new URLSearchParams('status=failed&limit=5')
    watchList(scene.settings(), { params, pollIntervalMs }, (view) => rows.push(view), scene.world)
    await scene.settle()
    expect(scene.calls[0]?.query.getAll('status')).toEqual(['failed'])
    await scene.publish(running('t9'))
    expect(scene.count('')).toBe(1)
    for (let n = 0; n < 20; n += 1) await scene.publish(makeTask({ taskId: `n${n}`, status: 'failed', version: 2 }))
    await scene.timing.advance(1_000)
    expect(scene.count('')).toBe(2)
    expect([rows.at(-1)?.tasks.length, rows.at(-1)?.total]).toEqual([5, 21])
  })
})
