import { createServer, type Server } from 'node:http'
import { mount } from '@taskloom/engine/node'
import { describeAdapter, listen } from '../../packages/testkit/src/adapter-suite.ts'
import { mountable, ScriptedSource } from '../../packages/testkit/src/scripted-source.ts'
import { afterEach, describe, expect, it } from 'vitest'

describeAdapter('node', (tasks) => {
  const server = createServer((_, res) => res.end('host'))
  mount(server, tasks)
  return listen(server, '/tasks')
})

describeAdapter('node, mounted before the host listens to requests, deep', (tasks) => {
  const server = createServer()
  mount(server, tasks, { path: '/a/b/tasks/' })
  server.on('request', (_, res) => res.end('host'))
  return listen(server, '/a/b/tasks')
})

describe('mount on node', () => {
  let server: Server | undefined
  afterEach(() => new Promise<void>((resolve) => void (server ? server.close(() => resolve()) : resolve())))

  async function start(options = {}) {
    const source = new ScriptedSource()
    const tasks = mountable(source)
    server = createServer()
    const mounted = mount(server, tasks, options)
    return { ...(await listen(server, mounted.path)), mounted, tasks, source }
  }

  it('answers 404 where there is no other listener', async () => {
    const { origin } = await start()
    expect((await fetch(`${origin}/elsewhere`)).status).toBe(404)
  })

  it('may have the whole server', async () => {
    const { origin, mounted } = await start({ path: '/' })
    expect(mounted.path).toBe('/')
    expect((await fetch(`${origin}/livez`)).status).toBe(200)
    expect(await (await fetch(`${origin}/dashboard`)).text()).toContain('src="dashboard/assets/task-dashboard.js"')
    expect((await fetch(`${origin}/elsewhere`)).status).toBe(404)
  })

  it('gives the path back when it is closed, once', async () => {
    const { origin, mounted, tasks } = await start()
    expect((await fetch(`${origin}/tasks/livez`)).status).toBe(200)
    await Promise.all([mounted.close(), mounted.close()])
    expect((await fetch(`${origin}/tasks/livez`)).status).toBe(404)
    expect(tasks.shutdowns).toBe(1)
  })

  it('two mounts live side by side', async () => {
    const { origin } = await start({ title: 'One' })
    mount(server as Server, mountable(new ScriptedSource()), { path: '/tasks2', title: 'Two' })
    const titleAt = async (path: string) => ((await (await fetch(origin + path)).json()) as { title: string }).title
    expect([await titleAt('/tasks/capabilities'), await titleAt('/tasks2/capabilities')]).toEqual(['One', 'Two'])
  })

  it('reports a start that failed, and goes on answering', async () => {
    const errors: unknown[] = []
    const tasks = { ...mountable(new ScriptedSource()), start: () => Promise.reject(new Error('locked')) }
    server = createServer()
    mount(server, tasks, { onError: (error: unknown) => errors.push(error) })
    const { origin } = await listen(server, '/tasks')
    expect((await fetch(`${origin}/tasks/livez`)).status).toBe(200)
    expect(errors).toMatchObject([{ message: 'locked' }])
  })

  it.each([
    [{ pth: '/x' }],
    [{ path: 'tasks' }],
    [{ path: '/a/../b' }],
    [{ path: '/a?b' }],
    [{ path: '/a//b' }],
    [{ path: 5 }],
  ])('refuses the options %j', (options) => {
    const tasks = mountable(new ScriptedSource())
    expect(() => mount(createServer(), tasks, options as object)).toThrowError(
      expect.objectContaining({ name: 'TaskError', code: 'bad_option' }) as Error,
    )
    expect(tasks.starts).toBe(0)
  })
})
