import { mount } from '@taskloom/engine/fastify'
import type { MountOptions } from '@taskloom/engine/fastify'
import Fastify, { type FastifyInstance } from 'fastify'
import { afterEach, describe, expect, it } from 'vitest'
import { describeAdapter, type StartedHost } from '../../packages/testkit/src/adapter-suite.ts'
import { mountable, ScriptedSource } from '../../packages/testkit/src/scripted-source.ts'

const traits = { refusesOddTargets: true }

/** Listens; with the host's own word for every other path. */
async function start(app: FastifyInstance, base = '/tasks'): Promise<StartedHost> {
  app.setNotFoundHandler((_request, reply) => reply.send('host'))
  const origin = await app.listen({ port: 0, host: '127.0.0.1' })
  return { origin, base, close: () => app.close() }
}

describeAdapter(
  'fastify',
  (tasks) => {
    const app = Fastify()
    mount(app, tasks)
    return start(app)
  },
  traits,
)

describeAdapter(
  'fastify, in plugins under a prefix, beside a parser of every body',
  (tasks) => {
    const app = Fastify({ bodyLimit: 100 })
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', { parseAs: 'string' }, (_request, body, done) => done(null, body))
    app.register(
      async (admin) => {
        await admin.register(async (inner) => void mount(inner, tasks, { path: '/b/tasks/' }), { prefix: '/a/' })
      },
      { prefix: '/admin' },
    )
    return start(app, '/admin/a/b/tasks')
  },
  traits,
)

describeAdapter(
  'fastify, behind a rewritten URL and a route for everything else',
  (tasks) => {
    const app = Fastify({ rewriteUrl: ({ url = '' }) => url.replace(/^(\w+:\/\/[^/]*)?\/admin(?=\/)/, '$1') })
    app.all('/*', (_request, reply) => reply.send('host'))
    mount(app, tasks)
    return start(app, '/admin/tasks')
  },
  traits,
)

describe('mount on fastify', () => {
  let app: FastifyInstance
  afterEach(() => app.close())

  function open(options: MountOptions = {}) {
    const tasks = mountable(new ScriptedSource())
    app = Fastify()
    const mounted = mount(app, tasks, options)
    return { tasks, mounted }
  }

  it.each(['onRequest', 'preParsing', 'preValidation', 'preHandler'] as const)(
    'lets the host refuse in %s, also when that was added later',
    async (name) => {
      open()
      const refuse = async (_request: unknown, reply: { code(status: number): { send(text: string): unknown } }) =>
        reply.code(401).send('no')
      app.addHook(name as 'onRequest', refuse)
      for (const method of ['GET', 'POST', 'DELETE'] as const) {
        expect((await app.inject({ method, url: '/tasks/livez' })).statusCode).toBe(401)
      }
    },
  )

  it('leaves the bodies of the host alone', async () => {
    open()
    app.post('/echo', async ({ body, headers }) => ({ body, type: headers['content-type'] }))
    const answer = await app.inject({ method: 'POST', url: '/echo', payload: { a: 1 } })
    expect(answer.json()).toEqual({ body: { a: 1 }, type: 'application/json' })
  })

  it('may have the whole instance', async () => {
    const { mounted } = open({ path: '/' })
    expect(mounted.path).toBe('/')
    expect((await app.inject('/livez')).json()).toEqual({ status: 'ok' })
    expect((await app.inject('/dashboard')).body).toContain('src="dashboard/assets/task-dashboard.js"')
  })

  it('gives the path back when it is closed, once', async () => {
    const { tasks, mounted } = open()
    expect((await app.inject('/tasks/livez')).statusCode).toBe(200)
    await Promise.all([mounted.close(), mounted.close()])
    expect((await app.inject('/tasks/livez')).statusCode).toBe(404)
    await app.close()
    expect(tasks.shutdowns).toBe(1)
  })
})
