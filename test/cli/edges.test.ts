import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { main, start, taskloom } from './command-line.ts'
import { fixture, openShop, type Shop } from './shop.ts'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-edges-'))
let shop: Shop
let servers: Server[] = []
beforeAll(async () => {
  shop = await openShop('local')
})
afterEach(async () => {
  for (const server of servers) await new Promise((resolve) => server.close(resolve).closeAllConnections())
  servers = []
})
afterAll(async () => {
  await shop.close()
  rmSync(folder, { recursive: true })
})

/** The address of a server that is not Taskloom. */
async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/tasks`
}

describe('the exit code', { timeout: 60_000 }, () => {
  it.each([
    [401, 4],
    [403, 4],
    [302, 4],
    [404, 3],
    [500, 1],
    [503, 5],
  ])('of an answer %i is %i', async (status, code) => {
    const url = await serve((_, res) => res.writeHead(status, { location: '/login?token=abcdef' }).end('no'))
    const { code: ended, out, err } = await taskloom(['tasks', '--url', url])
    expect([ended, out]).toEqual([code, ''])
    expect(err).not.toContain('abcdef')
  })

  it('of a health check that may not be seen is 4, and of one that is down 1', async () => {
    let answer = (res: ServerResponse): unknown => res.writeHead(401, { 'content-type': 'text/html' }).end('<p>')
    const url = await serve((_, res) => answer(res))
    expect((await taskloom(['status', '--url', url])).code).toBe(4)
    answer = (res) => {
      const isHealth = res.req.url === '/tasks/health'
      const body = isHealth ? { status: 'down', checks: [] } : res.req.url === '/tasks/metrics' ? noTasks : []
      return res.writeHead(isHealth ? 503 : 200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    const { code, out } = await taskloom(['status', '--url', url])
    expect(code).toBe(1)
    expect(out).toMatch(/^Health {2}down$/m)
  })

  it('of something that is not Taskloom says so', async () => {
    const url = await serve((_, res) => res.writeHead(200, { 'content-type': 'text/html' }).end('<h1>shop</h1>'))
    const { code, err } = await taskloom(['tasks', '--url', url])
    expect(code).toBe(1)
    expect(err).toContain('is that where Taskloom is mounted?')
  })

  it('is 5 where nobody listens, and where there is no file, which is not made', async () => {
    const url = await serve(() => undefined)
    await new Promise((resolve) => servers[0]?.close(resolve))
    servers = []
    expect((await taskloom(['status'], { TASKLOOM_URL: url })).code).toBe(5)
    const file = join(folder, 'none.db')
    const { code, err } = await taskloom(['status', '--store', file])
    expect([code, err]).toEqual([5, `taskloom: There is no file ${file}\n`])
    expect(existsSync(file)).toBe(false)
    const { code: foreign } = await taskloom(['status', '--store', fixture('tasks.mjs')])
    expect(foreign).toBe(5)
  })

  it.each([
    [['nonsense']],
    [[]],
    [['tasks', '--nonsense']],
    [['tasks', 'nonsense']],
    [['show']],
    [['dead-letter', 'nonsense']],
    [['tasks']],
    [['tasks', '--url', 'ftp://shop.test/tasks']],
    [['tasks', '--url', 'http://127.0.0.1:1/tasks', '--store', 'tasks.db']],
    [['tasks', '--token', 'abcdef']],
    [['dashboard', '--store', 'package.json', '--port', '99999']],
  ])('of the command line %j is 2', async (args) => {
    const { code, out, err } = await taskloom(args)
    expect([code, out]).toEqual([2, ''])
    expect(err).not.toBe('')
  })

  it('is 0 for help and version', async () => {
    const [help, one, verbs, version] = await Promise.all([
      taskloom(['--help']),
      taskloom(['retry', '--help']),
      taskloom(['help', 'dead-letter']),
      taskloom(['--version', '--json']),
    ])
    expect([help.code, one.code, verbs.code, version.code]).toEqual([0, 0, 0, 0])
    expect(one.out).toContain('Usage: taskloom retry ID… [options]')
    expect(verbs.out).toContain('taskloom dead-letter export')
    expect(JSON.parse(version.out)).toEqual({ version: expect.stringMatching(/^\d+\.\d+\.\d+/) as string })
  })
})

const noTasks = Object.fromEntries([
  ...['total', 'pending', 'running', 'success', 'failed', 'interrupted', 'cancelled'].map((key) => [key, 0]),
  ['is_capped', false],
])

describe('secrets', { timeout: 60_000 }, () => {
  it('never show, whatever goes wrong', async () => {
    const ends = await Promise.all([
      taskloom(['status', '--url', 'http://ann:hunter22@127.0.0.1:1/tasks', '--json']),
      taskloom(['status', '--url', 'http://ann:hunter22@127.0.0.1:1/tasks?x=1']),
      taskloom(['status', '--url', 'ftp://ann:hunter22@127.0.0.1:1/tasks']),
      taskloom(['status', 'postgres://ann:hunter22@127.0.0.1/tasks']),
      taskloom(['status', '--store', 'postgres://ann:hunter22@127.0.0.1/tasks']),
      taskloom(['status', '--url', 'http://127.0.0.1:1/tasks', '--token', 'hunter22 hunter22']),
    ])
    expect(ends.map(({ code }) => code)).toEqual([5, 2, 2, 2, 5, 2])
    for (const { out, err } of ends) expect(out + err).not.toContain('hunter22')
  })

  it('are sent as what they are, and not in the address', async () => {
    const seen: (string | undefined)[] = []
    const url = await serve((req, res) => {
      seen.push(req.headers.authorization, req.url)
      res.writeHead(403).end()
    })
    await taskloom(['queues', '--url', url], { TASKLOOM_TOKEN: 'a-token' })
    await taskloom(['queues', '--url', url.replace('//', '//ann:pw@')])
    const basic = `Basic ${Buffer.from('ann:pw').toString('base64')}`
    expect(seen).toEqual(['Bearer a-token', '/tasks/queues', basic, '/tasks/queues'])
    const { code, err } = await taskloom(['queues', '--url', `${url}?token=hunter22`])
    expect(code).toBe(2)
    expect(err).toContain('TASKLOOM_TOKEN')
    expect(err).not.toContain('hunter22')
  })
})

describe('a module', { timeout: 60_000 }, () => {
  const failedId = async (): Promise<string> => {
    const { out } = await taskloom(['dead-letter', 'list', '--limit', '1', '--json', '--store', shop.file])
    return (JSON.parse(out) as { tasks: { task_id: string }[] }).tasks[0]?.task_id ?? ''
  }

  it('is asked for by name when a function is not known', async () => {
    const id = await failedId()
    const without = await taskloom(['retry', id, '--store', shop.file])
    expect([without.code, without.out]).toEqual([1, ''])
    expect(without.err).toContain('--module FILE')
    const other = await taskloom(['retry', id, '--store', shop.file, '--module', fixture('other.mjs')])
    expect(other.code).toBe(1)
    expect(other.err).toContain('The module does not define the function')
  })

  it('runs nothing unless it is told to work, and then to the end', async () => {
    const id = await failedId()
    const flags = ['--store', shop.file, '--module', fixture('tasks.mjs')]
    const { out, err } = await taskloom(['retry', id, '--json', ...flags])
    const { task_id } = (JSON.parse(out) as { results: { task_id: string }[] }).results[0] ?? { task_id: '' }
    expect(err).toContain('as soon as a worker')
    const statusOf = async (): Promise<string> =>
      (JSON.parse((await taskloom(['show', task_id, '--json', ...flags])).out) as { status: string }).status
    expect(await statusOf()).toBe('pending')
    expect((await taskloom(['retry', id, '--work', ...flags])).code).toBe(0)
    expect(await statusOf()).toBe('failed')
  })

  it('may have a store of its own, which then is the only one', async () => {
    const file = join(folder, 'ready.db')
    copyFileSync(shop.file, file)
    const args = ['status', '--json', '--module', fixture('ready.mjs')]
    const own = await taskloom(args, { READY_STORE: file, TASKLOOM_STORE: shop.file })
    expect(JSON.parse(own.out)).toMatchObject({ health: { status: 'ok' } })
    const both = await taskloom([...args, '--store', shop.file], { READY_STORE: file })
    expect(both.code).toBe(2)
    expect(both.err).toContain('({ store }) => TaskManager')
  })

  it.each([
    ['forgetful.mjs', 'in memory'],
    ['../edges.test.ts', 'NODE_OPTIONS'],
    ['none.mjs', 'there is no file'],
  ])('such as %s is refused with words', async (name, words) => {
    const { code, err } = await taskloom(['status', '--module', fixture(name)])
    expect(code).toBe(2)
    expect(err).toContain(words)
  })
})

describe('the process', { timeout: 60_000 }, () => {
  it('is quiet when nobody reads any more', async () => {
    const command = spawn(process.execPath, [main, 'tasks', '--json', '--store', shop.file], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let err = ''
    command.stderr.setEncoding('utf8').on('data', (text: string) => (err += text))
    command.stdout.destroy()
    const code = await new Promise((resolve) => command.once('close', resolve))
    expect([code, err]).toEqual([0, ''])
  })

  it('ends with 130 at Ctrl-C, in the middle of a request', async () => {
    let isAsked = false
    const url = await serve(() => (isAsked = true))
    const { child, ended } = start(['status', '--url', url])
    await vi.waitFor(() => expect(isAsked).toBe(true), 20_000)
    child.kill('SIGINT')
    expect((await ended).code).toBe(130)
  })

  it('says at Ctrl-C how much of many is done', async () => {
    let asked = 0
    const url = await serve((_, res) => {
      asked += 1
      if (asked < 3) res.writeHead(200, { 'content-type': 'application/json' }).end('{"deleted":1}')
    })
    const { child, ended } = start(['dead-letter', 'delete', 'a', 'b', 'c', 'd', '--url', url])
    await vi.waitFor(() => expect(asked).toBe(3), 20_000)
    child.kill('SIGINT')
    const { code, out, err } = await ended
    expect([code, out]).toEqual([130, 'a  deleted\nb  deleted\n'])
    expect(err).toContain('2 of 4 tasks were dealt with before')
  })

  it('serves the dashboard, read-only, until Ctrl-C', async () => {
    const { child, ended, soFar } = start(['dashboard', '--store', shop.file, '--port', '0', '--json'])
    await vi.waitFor(() => expect(soFar()).toContain('\n'), 20_000)
    const { url, dashboard } = JSON.parse(soFar()) as { url: string; dashboard: string }
    expect(new URL(url).hostname).toBe('127.0.0.1')
    expect((await fetch(dashboard)).status).toBe(200)
    expect((await fetch(new URL('/', url), { redirect: 'manual' })).headers.get('location')).toBe('/tasks/dashboard')
    const listed = await taskloom(['tasks', '--limit', '1', '--json', '--url', url])
    const { tasks } = JSON.parse(listed.out) as { tasks: { task_id: string }[] }
    const denied = await taskloom(['cancel', tasks[0]?.task_id ?? '', '--url', url])
    expect(denied.code).toBe(4)
    child.kill('SIGINT')
    expect((await ended).code).toBe(130)
    await expect(fetch(url)).rejects.toThrow()
  })

  it('serves nobody but this machine without saying who may', async () => {
    const { code, err } = await taskloom(['dashboard', '--store', shop.file, '--host', '0.0.0.0', '--port', '0'])
    expect(code).toBe(2)
    expect(err).toContain('who may')
  })

  it('serves other machines once somebody has to sign in', async () => {
    const { out: hash } = await taskloom(['hash-password'], {}, 'correct horse\n')
    expect(hash).toMatch(/^scrypt\$/)
    expect((await taskloom(['hash-password'])).code).toBe(2)
    const args = ['dashboard', '--store', shop.file, '--host', '0.0.0.0', '--port', '0', '--user', 'ann', '--json']
    expect((await taskloom(args)).err).toContain('TASKLOOM_PASSWORD')
    const { child, ended, soFar } = start(args, { TASKLOOM_PASSWORD: hash.trim() })
    await vi.waitFor(() => expect(soFar()).toContain('\n'), 20_000)
    const url = (JSON.parse(soFar()) as { url: string }).url.replace('0.0.0.0', '127.0.0.1')
    expect((await taskloom(['tasks', '--url', url])).code).toBe(4)
    const login = await fetch(`${url}/auth/login`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-requested-with': 'taskloom' },
      body: JSON.stringify({ username: 'ann', password: 'correct horse', token: true }),
    })
    const { token } = (await login.json()) as { token: string }
    expect((await taskloom(['tasks', '--url', url], { TASKLOOM_TOKEN: token })).code).toBe(0)
    child.kill('SIGINT')
    expect((await ended).code).toBe(130)
  })

  it('takes the options of the mount from a module', async () => {
    const key = '0123456789abcdef-key'
    const config = ['--config', fixture('mount.mjs')]
    const { child, ended, soFar } = start(
      ['dashboard', '--store', shop.file, '--port', '0', '--host', '0.0.0.0', '--write', '--json', ...config],
      { SHOP_KEY: key },
    )
    await vi.waitFor(() => expect(soFar()).toContain('\n'), 20_000)
    const { url, write } = JSON.parse(soFar()) as { url: string; write: boolean }
    expect([new URL(url).pathname, write]).toEqual(['/admin/tasks', true])
    const place = ['--url', url.replace('0.0.0.0', '127.0.0.1')]
    const [unknown, known] = await Promise.all([
      taskloom(['cleanup', '--older-than', '30d', ...place]),
      taskloom(['cleanup', '--older-than', '30d', ...place], { TASKLOOM_TOKEN: key }),
    ])
    expect([unknown.code, known.code, known.out]).toEqual([4, 0, 'Deleted 3 tasks\n'])
    child.kill('SIGINT')
    expect((await ended).code).toBe(130)
    expect((await taskloom(['dashboard', '--store', shop.file, '--user', 'ann', ...config])).code).toBe(2)
  })

  it('says what is in the way of a port', async () => {
    const url = await serve(() => undefined)
    const { code, err } = await taskloom(['dashboard', '--store', shop.file, '--port', new URL(url).port])
    expect(code).toBe(1)
    expect(err).toContain('EADDRINUSE')
  })
})
