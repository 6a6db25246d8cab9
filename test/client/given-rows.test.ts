import { formatTaskQuery } from '@taskloom/protocol'
import { describe, expect, it } from 'vitest'
import { initialView, toTaskQuery } from '../../packages/client/src/view-query.ts'
import { makePage, makeTask, noon, taskIdOf } from './builders.ts'
import { ids, prepare, shownIds } from './dashboard-scene.ts'
import { rest } from './manual-timing.ts'
import { ScriptedServer } from './scripted-server.ts'

const firstQuestion = formatTaskQuery(toTaskQuery(initialView, noon)).toString()

/** A store that is given two rows, and what lets the test say that they are drawn. */
function prepareGiven(query = firstQuestion, more: object = {}) {
  const server = new ScriptedServer()
  server.put(makeTask(1), makeTask(2))
  const given = { query, answer: makePage(server.list({}).tasks, { total: 2 }) }
  let draw = (): void => undefined
  const drawn = new Promise<void>((resolve) => (draw = resolve))
  return { ...prepare({ given, drawn: () => drawn, ...more }, server), draw }
}

describe('rows that are there already', () => {
  it('are shown before anything is asked, and asked for when they are drawn', async () => {
    const { server, store, draw } = prepareGiven()
    const started = store.start()
    expect(shownIds(store)).toEqual(ids(2, 1))
    expect(store.state.list).toMatchObject({ phase: 'ready', total: 2 })
    await rest()
    expect(server.calls).toEqual([])
    draw()
    await started
    expect(server.calls.slice(0, 2)).toEqual(['stream', 'list'])
    expect(server.calls).toContain('metrics')
  })

  it('are brought up to date without leaving their places under the pointer', async () => {
    const { server, store, draw } = prepareGiven()
    const started = store.start()
    store.hold()
    server.put(makeTask(3), makeTask(1, { status: 'running', version: 2 }))
    draw()
    await started
    expect(shownIds(store)).toEqual(ids(2, 1))
    expect(store.state.list.tasks[1]).toMatchObject({ taskId: taskIdOf(1), status: 'running' })
    expect(store.state.list.waitingCount).toBe(1)
    store.settle()
    expect(shownIds(store)).toEqual(ids(3, 2, 1))
  })

  it('are not shown where the question is another', async () => {
    const { server, store, draw } = prepareGiven('sort=duration&order=desc&limit=30')
    const started = store.start()
    expect(store.state.list).toMatchObject({ phase: 'loading', tasks: [] })
    await rest()
    expect(server.calls).toEqual(['stream', 'list'])
    expect(shownIds(store)).toEqual(ids(2, 1))
    draw()
    await started
  })

  it('ask for nothing more when the store is stopped before they are drawn', async () => {
    const { server, store, draw } = prepareGiven()
    const started = store.start()
    store.stop()
    draw()
    await started
    expect(server.calls).toEqual([])
  })
})
