import { describe, expect, it } from 'vitest'
import {
  buildPath,
  decodeLiveEvent,
  encodeLiveEvent,
  formatLiveId,
  matchRoute,
  openApiDocument,
  parseLiveId,
  routes,
  type RouteName,
} from '@taskloom/protocol'

const names = Object.keys(routes) as RouteName[]

describe('route table', () => {
  it.each(names)('%s is found by the path it builds', (name) => {
    const params = { task_id: 'abc def', name: 'a/b', id: 'sales' }
    const path = buildPath(name, params).replace('*', 'task-dashboard.js')
    const segments = path === '' ? [] : path.split('/').map(decodeURIComponent)
    expect(matchRoute(routes[name].method, segments)).toMatchObject({ name })
  })

  it('never takes a named route for a task id', () => {
    expect(matchRoute('GET', ['metrics'])).toEqual({ name: 'metrics', params: {} })
    expect(matchRoute('GET', ['0193'])).toEqual({ name: 'detail', params: { task_id: '0193' } })
  })

  it('tells the methods of a path', () => {
    expect(matchRoute('PUT', ['x', 'retry'])).toEqual({ allow: ['POST'] })
    expect(matchRoute('GET', ['x', 'y', 'z', 'w'])).toEqual({ allow: [] })
  })

  it('is whole in the OpenAPI document', () => {
    const document = openApiDocument('Taskloom') as { paths: Record<string, Record<string, { operationId: string }>> }
    const ids = Object.values(document.paths).flatMap((path) => Object.values(path).map((entry) => entry.operationId))
    expect(ids.sort()).toEqual([...names].sort())
  })
})

describe('live events', () => {
  it('come back from their text', () => {
    const event = {
      event: 'reset',
      id: formatLiveId({ epoch: 'k3x', revision: 12 }),
      data: { reason: 'gap' },
    } as const
    const text = encodeLiveEvent(event)
    expect(text).toBe('id: k3x-12\nevent: reset\ndata: {"reason":"gap"}\n\n')
    expect(decodeLiveEvent({ event: 'reset', id: 'k3x-12', data: '{"reason":"gap"}' })).toEqual(event)
    expect(decodeLiveEvent({ event: 'from_tomorrow', data: '{}' })).toBeNull()
  })

  it('have ids with an epoch', () => {
    expect(parseLiveId('k3x-12')).toEqual({ epoch: 'k3x', revision: 12 })
    for (const id of ['', '12', 'x-', '-1', 'a-1e5', 'a-99999999999999999', null]) expect(parseLiveId(id)).toBeNull()
  })
})
