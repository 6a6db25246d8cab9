import { expect } from 'vitest'
import { routes, type Route } from '@taskloom/protocol'
import { describeBasePaths } from '../base-paths.ts'
import { framedByAnother, pageUnderPolicy } from '../pages.ts'
import { codeOf, openHouse, proof, type House } from '../house.ts'
import type { Row } from './row.ts'

function getText(path: string, headers: Record<string, string> = {}): string {
  const lines = Object.entries({ host: 'shop.test', connection: 'close', ...headers }).map(([n, v]) => `${n}: ${v}`)
  return [`GET ${path} HTTP/1.1`, ...lines, '', ''].join('\r\n')
}

/** Section 3.4: routing, static files, headers. */
export const routingRows: readonly Row[] = [
  {
    id: 'A23',
    title: 'the mount is matched on whole segments, and whoever asks is known inside it',
    async show(house) {
      for (const path of ['/tasksevil', '/tasks../x', '/Tasks', '/TASKS/metrics']) {
        expect(await house.raw(getText(path))).toMatch(/^HTTP\/1\.1 200 [^]*host/)
      }
      for (const path of [
        '/tasks/auth/login/../../metrics',
        '/tasks/%2e%2e/metrics',
        '/tasks/auth/login/..%2fmetrics',
      ]) {
        expect(await house.raw(getText(path)), path).toMatch(/^HTTP\/1\.1 40[14] /)
      }
      expect(await house.raw(getText('http://evil.test/tasks/metrics'))).toMatch(/^HTTP\/1\.1 401 /)
    },
  },
  {
    id: 'A24',
    title: 'doubled slashes are no way around, and lead nowhere',
    async show(house) {
      const session = await house.signIn()
      for (const path of ['/tasks//metrics', '/tasks//', '/tasks//evil.test/x']) {
        expect(await house.raw(getText(path, session)), path).toMatch(/^HTTP\/1\.1 404 /)
      }
      for (const path of ['//tasks/metrics', '//evil.com/x', '//evil.com/tasks/dashboard/']) {
        const answer = await house.raw(getText(path, session))
        expect(answer, path).not.toMatch(/\r\nlocation: \/\//i)
        expect(answer, path).toContain('host')
      }
      expect(await house.raw(getText('/tasks/dashboard/', session))).toMatch(/\r\nlocation: \.\.\/dashboard\r\n/i)
    },
  },
  {
    id: 'A25',
    title: 'assets come from a fixed map',
    async show(house) {
      const { headers, status } = await house.ask('/dashboard/assets/page.css')
      expect([status, headers['content-type'], headers['x-content-type-options']]).toEqual([
        200,
        'text/css; charset=utf-8',
        'nosniff',
      ])
      const script = await house.ask('/dashboard/assets/task-dashboard.js')
      expect(script.headers['content-type']).toMatch(/^text\/javascript/)
      const odd = [
        '..%2f..%2fpackage.json',
        '%5c..%5c',
        'page.css%00',
        '....//page.css',
        '%252e%252e%252fpage.css',
        'page.css.',
        '',
        '../page.css',
      ]
      for (const name of odd) {
        expect(await house.raw(getText(`/tasks/dashboard/assets/${name}`)), name).toMatch(/^HTTP\/1\.1 404 /)
      }
      expect(await house.raw(getText('/tasks/dashboard/assets/%zz'))).toMatch(/^HTTP\/1\.1 400 /)
    },
  },
  {
    id: 'A26',
    title: 'every base path works, also behind a proxy that takes a prefix away',
    show: () => describeBasePaths(),
  },
  {
    id: 'A27',
    title: 'every number is clamped or refused, every word is of a list',
    async show(house) {
      const session = await house.signIn()
      const numbers = ['0', '-1', '1e9', 'NaN', 'Infinity', '0x10', '9007199254740993', ' 5', '1000000']
      for (const limit of numbers) {
        const answer = await house.ask(`?limit=${encodeURIComponent(limit)}`, { headers: session })
        expect([200, 400], limit).toContain(answer.status)
        expect(answer.body.length).toBeLessThan(1024 * 1024)
        if (answer.status === 400) expect(codeOf(answer)).toBe('400 bad_query')
      }
      const refused = ['?limit=1&limit=9', '?sort=nothing', '?order=up', '?status=done', '?page=1']
      for (const query of refused)
        expect(codeOf(await house.ask(query, { headers: session })), query).toBe('400 bad_query')
      const asked = { method: 'DELETE', headers: { ...session, ...proof } }
      expect(codeOf(await house.ask('/history?value=-1&unit=day', asked))).toBe('400 bad_query')
      const since = { method: 'POST', headers: { ...session, ...proof } }
      expect(codeOf(await house.ask('/retry-failed?since=99999999999999999d', since))).toBe('400 bad_query')
    },
  },
  {
    id: 'A28',
    title: 'security headers are on every answer, and pages keep to their policy',
    async show(house) {
      const session = await house.signIn()
      for (const headers of [{}, session])
        for (const path of readPaths(await house.failed())) await assertHeaders(house, path, headers)
      const broken = await openHouse({ displayArgs: true })
      try {
        await broken.tasks.shutdown()
        const answer = await broken.ask('', { headers: await broken.signIn().catch(() => ({ cookie: '' })) })
        assertSafe(answer.headers)
      } finally {
        await broken.close()
      }
      expect(await pageUnderPolicy(house)).toEqual([])
    },
  },
  {
    id: 'A29',
    title: 'no other origin frames our pages unless it is named',
    async show(house) {
      expect(await framedByAnother(house)).toBe(false)
      const friend = await openHouse({ frameAncestors: ['http://localhost:1', 'self'] })
      try {
        const { headers } = await friend.ask('/dashboard', { headers: await friend.signIn() })
        expect(headers['content-security-policy']).toContain("frame-ancestors http://localhost:1 'self'")
      } finally {
        await friend.close()
      }
    },
  },
  {
    id: 'A30',
    title: 'no text of ours breaks a header',
    async show() {
      const house = await openHouse({ title: 'a\r\nset-cookie: evil=1\r\n"ü' })
      try {
        const session = await house.signIn()
        for (const path of ['/export.csv', '/export.json']) {
          const { status, headers } = await house.ask(path, { headers: session })
          expect(status).toBe(200)
          expect(headers).not.toHaveProperty('set-cookie')
          expect(headers['content-disposition']).toMatch(/^attachment; filename="[\w .-]+"/)
        }
        expect((await house.ask('/dashboard', { headers: session })).status).toBe(200)
      } finally {
        await house.close()
      }
    },
  },
]

function readPaths(taskId: string): readonly string[] {
  return (Object.values(routes) as readonly Route[])
    .filter(({ method, path }) => method === 'GET' && path !== 'stream')
    .map(({ path }) =>
      path
        .replace('{task_id}', taskId)
        .replace(/\{\w+\}/g, 'x')
        .replace('*', 'page.css'),
    )
    .map((path) => (path === '' ? '' : `/${path}`))
}

async function assertHeaders(house: House, path: string, headers: Record<string, string>): Promise<void> {
  for (const method of ['GET', 'HEAD']) {
    const answer = await house.askOne(path, { method, headers })
    assertSafe(answer.headers)
    const isData = /json|csv|plain/.test(answer.headers['content-type'] ?? '')
    if (isData) expect(answer.headers['cache-control'], path).toBe('no-store')
  }
}

function assertSafe(headers: Readonly<Record<string, string>>): void {
  const policy = headers['content-security-policy'] ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("base-uri 'none'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toMatch(/unsafe-/)
  expect(headers['x-content-type-options']).toBe('nosniff')
  expect(headers['referrer-policy']).toBe('same-origin')
  expect(headers['cross-origin-resource-policy']).toBe('same-origin')
  expect(headers).not.toHaveProperty('x-powered-by')
  expect(headers).not.toHaveProperty('server')
}
