import { afterEach } from 'vitest'
import { createDashboardStore } from '../../packages/client/src/dashboard-store.ts'
import type { DashboardStore } from '../../packages/client/src/state.ts'
import type { DashboardStoreOptions } from '../../packages/client/src/store/core.ts'
import { makeTask, noon, taskIdOf } from './builders.ts'
import { ManualTiming } from './manual-timing.ts'
import { ScriptedServer } from './scripted-server.ts'

const stores: DashboardStore[] = []

afterEach(() => {
  for (const store of stores.splice(0)) store.stop()
})

export function prepare(options: DashboardStoreOptions = {}, server = new ScriptedServer()) {
  const timing = new ManualTiming(noon)
  const store = createDashboardStore(server.client, { timing, ...options })
  stores.push(store)
  return { server, store, timing }
}

/** A dashboard that shows so many tasks and is live. */
export async function goLive(count = 3, options: DashboardStoreOptions = {}) {
  const scene = prepare(options)
  scene.server.put(...Array.from({ length: count }, (_, index) => makeTask(index + 1)))
  await scene.store.start()
  scene.server.connection.hello(1)
  await scene.timing.advance(2_000)
  return scene
}

export function shownIds(store: DashboardStore): readonly string[] {
  return store.state.list.tasks.map(({ taskId }) => taskId)
}

export const ids = (...numbers: number[]) => numbers.map(taskIdOf)
