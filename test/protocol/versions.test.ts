import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { Json } from '../../packages/protocol/src/codec.ts'
import {
  capabilities,
  decodeLiveEvent,
  liveEvents,
  openApiDocument,
  protocolVersion,
  routes,
  panelView,
  type Route,
} from '../../packages/protocol/src/index.ts'
import { closedPlaces, grown, newWord } from './grown.ts'
import { breaks, promisesOf, type Document, type Promised, type Promises } from './promises.ts'

const answers = Object.entries<Route>(routes).flatMap(([name, { answer }]) => (answer ? [[name, answer] as const] : []))

describe('a reader of this version', () => {
  it.each(answers)('takes what a newer server answers to %s', (_, answer) => {
    const codec = answer
    const said =
      codec.schema === capabilities.schema ? { ...(grown(codec.schema) as object), protocol: 1 } : grown(codec.schema)
    expect(() => codec.decode(said)).not.toThrow()
  })

  it.each(Object.entries(liveEvents))('takes the event %s of a newer server', (event, { schema }) => {
    const said = grown(schema)
    expect(decodeLiveEvent({ event, id: 'a-1', data: JSON.stringify(said) })).toMatchObject({ event })
  })

  it('passes over events that it does not know', () => {
    expect(decodeLiveEvent({ event: newWord, data: '[]' })).toBeNull()
  })

  it('leaves out parts of a panel whose kind it does not know, and nothing else', () => {
    const blocks = [
      { kind: 'text', text: 'a' },
      { kind: newWord, drawing: [] },
      { kind: 'json', value: null },
    ]
    const codec = panelView
    expect(codec.decode({ id: 'p', title: 'P', blocks }).blocks.map(({ kind }) => kind)).toEqual(['text', 'json'])
    expect(() => codec.decode({ id: 'p', title: 'P', blocks: [{ kind: 'text' }] })).toThrow(/blocks\[0\]/)
  })

  it('has closed lists of words only where a new word cannot come unasked', () => {
    const places = answers.flatMap(([name, { schema }]) => closedPlaces(schema).map((place) => `${name}: ${place}`))
    expect(places.sort()).toEqual([
      'panel: blocks[].kind',
      'panel: blocks[].kind',
      'panel: blocks[].kind',
      'panel: blocks[].kind',
      'panel: blocks[].stats[].tone',
      // What was asked for comes back.
      'timeline: group',
    ])
  })
})

describe('capabilities', () => {
  const own: Json = {
    ...{ protocol: protocolVersion, title: 'Tasks', environment: null, display_args: true, notices: [] },
    ...{ reads: ['logs'], actions: ['retry', newWord], limits: { page_size: 5, bulk: 5, window: 5 } },
  }

  it('of this version are read as they are, with words that nobody knows yet', () => {
    expect(capabilities.decode(own)).toMatchObject({ protocol: protocolVersion, actions: ['retry', newWord] })
    expect(() => capabilities.decode({ ...(own as object), title: 7 })).toThrow(/title/)
  })

  it.each([protocolVersion + 1, protocolVersion - 1])('of version %i say nothing but that', (protocol) => {
    const foreign = { protocol, title: ['another', 'shape'], actions: { retry: 'always' } }
    for (const said of [foreign, { ...(own as object), protocol }]) {
      expect(capabilities.decode(said)).toMatchObject({ protocol, reads: [], actions: [], notices: [] })
    }
  })

  it('that say no version are refused', () => {
    expect(() => capabilities.decode({ title: 'Tasks' })).toThrow(/protocol/)
  })
})

describe('what was promised', () => {
  const promised = JSON.parse(readFileSync(new URL('promised.json', import.meta.url), 'utf8')) as Promises
  const now = promisesOf(openApiDocument('Tasks') as unknown as Document)

  it('is still kept: routes, parameters, bodies, and every field of every answer', () => {
    expect(Object.keys(promised).length).toBeGreaterThan(40)
    expect(breaks(promised, now)).toEqual([])
  })

  it('would be missed if it were taken away, or if more were needed', () => {
    const route = 'GET /schedules'
    const { takes, answers } = promised[route] ?? { takes: [], answers: {} }
    const changed = (other: Partial<Promised>) =>
      breaks(promised, { ...promised, [route]: { takes, answers, ...other } })
    const { [route]: _, ...without } = promised
    expect(breaks(promised, without)).toEqual([`${route} is gone`])
    expect(changed({ takes: ['limit?', 'q?', 'who'] })).toEqual([
      `${route}: takes cursor no more`,
      `${route}: needs who now`,
    ])
    expect(changed({ answers: { ...answers, '[].missed': 'string', '[].mood': 'string' } })).toEqual([
      `${route}: answers [].missed as string, not integer`,
      `${route}: answers [].mood, which servers of before do not, and must not be needed`,
    ])
    expect(changed({ answers: { ...answers, '[].mood': 'null|string', '[].whim': 'string|absent' } })).toEqual([])
  })
})
