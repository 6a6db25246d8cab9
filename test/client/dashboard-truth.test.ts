import fc from 'fast-check'
import { expect, it } from 'vitest'
import { makeMetrics, makeTask, taskIdOf } from './builders.ts'
import { goLive } from './dashboard-scene.ts'
import { rest } from './manual-timing.ts'
import { ScriptedConnection } from './scripted-stream.ts'

type Scene = Awaited<ReturnType<typeof goLive>> & { lettingGo: (() => void)[]; isCut: boolean }

/** What can happen to a page that watches. */
const happenings: Record<string, (scene: Scene, pick: number) => unknown> = {
  write({ server, isCut }, pick) {
    const version = (server.tasks.find(({ taskId }) => taskId === taskIdOf(pick))?.version ?? 0) + 1
    const task = makeTask(pick, { version, status: version % 2 === 0 ? 'running' : 'pending' })
    if (isCut) server.put(task)
    else server.publish(task)
  },
  remove({ server, isCut }, pick) {
    if (isCut) server.tasks = server.tasks.filter(({ taskId }) => taskId !== taskIdOf(pick))
    else server.remove(taskIdOf(pick))
  },
  slowRefresh(scene) {
    scene.lettingGo.push(scene.server.holdBack('list'))
    return void scene.store.refresh()
  },
  letGo: ({ lettingGo }) => lettingGo.shift()?.(),
  cut(scene) {
    if (scene.isCut) return
    scene.isCut = true
    scene.server.connection.breakOff()
  },
  async restart(scene) {
    if (!scene.isCut) return
    const before = scene.server.connection
    while (scene.server.connection === before) await scene.timing.advance(1_000)
    scene.server.connection.hello(1, `b${scene.server.connections.length}`)
    scene.isCut = false
  },
  hold: ({ store }) => store.hold(),
  settle: ({ store }) => store.settle(),
  pause: ({ store }) => store.pause(),
  resume: ({ store }) => void store.resume(),
  wait: ({ timing }, pick) => timing.advance(pick * 100),
}

it('whatever happens, in the end the page shows what the server lists', async () => {
  const history = fc.array(
    fc.tuple(fc.constantFrom(...Object.keys(happenings), 'write', 'write', 'remove'), fc.nat(12)),
    {
      maxLength: 40,
      size: 'max',
    },
  )
  await fc.assert(
    fc.asyncProperty(history, async (steps) => {
      const scene: Scene = { ...(await goLive(4, { view: { pageSize: 3 } })), lettingGo: [], isCut: false }
      const { server, store, timing } = scene
      for (const [name, pick] of steps) {
        await happenings[name]?.(scene, pick)
        if (pick % 3 === 0) await rest()
      }
      while (scene.lettingGo.length > 0) scene.lettingGo.shift()?.()
      await rest()
      await happenings['restart']?.(scene, 0)
      await store.resume()
      store.settle()
      const { total } = server.list({})
      server.connection.send({ event: 'counts', id: null, data: makeMetrics({ total }) })
      await timing.advance(10_000)
      const { tasks, nextCursor } = server.list({ limit: 3 })
      expect(store.state.list).toMatchObject({ tasks, nextCursor, total, waitingCount: 0, phase: 'ready' })
      expect(server.connection).toBeInstanceOf(ScriptedConnection)
      store.stop()
    }),
    { numRuns: 60 },
  )
})
