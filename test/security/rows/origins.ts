import { expect } from 'vitest'
import { codeOf, proof, type House } from '../house.ts'
import type { Row } from './row.ts'

const evil = 'https://evil.test'

/** Sends a cancel with a session and these headers; gives the code, and makes sure that the task still waits. */
async function tryCancel(house: House, headers: Record<string, string>, body?: string): Promise<string> {
  const taskId = await house.waiting()
  const session = await house.signIn()
  const asked = { method: 'POST', headers: { ...session, ...headers }, ...(body === undefined ? {} : { body }) }
  const answer = await house.ask(`/${taskId}/cancel`, asked)
  const task = await house.tasks.get(taskId)
  if (answer.status !== 200) expect(task?.status).toBe('pending')
  return answer.status === 200 ? '200' : codeOf(answer)
}

/** Section 3.1: methods and origins. */
export const originRows: readonly Row[] = [
  {
    id: 'A1',
    title: 'unsafe methods need proof of the same origin',
    async show(house) {
      const json = { 'content-type': 'application/json' }
      expect(await tryCancel(house, { ...json, origin: evil }, '{}')).toBe('403 cross_origin')
      for (const site of ['cross-site', 'same-site']) {
        expect(await tryCancel(house, { ...json, 'sec-fetch-site': site }, '{}')).toBe('403 cross_origin')
      }
      expect(await tryCancel(house, {})).toBe('403 cross_origin')
    },
  },
  {
    id: 'A2',
    title: 'Origin: null is not trusted',
    async show(house) {
      expect(await tryCancel(house, { ...proof, origin: 'null' }, '{}')).toBe('403 cross_origin')
    },
  },
  {
    id: 'A3',
    title: 'JSON routes read only application/json',
    async show(house) {
      for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data']) {
        expect(await tryCancel(house, { ...proof, 'content-type': type }, '{}')).toBe('415 unsupported_media_type')
      }
    },
  },
  {
    id: 'A4',
    title: 'a missing or odd content type is no way around',
    async show(house) {
      const site = { 'sec-fetch-site': 'same-origin' }
      const session = await house.signIn()
      const taskId = await house.waiting()
      const bare = [
        `POST /tasks/${taskId}/cancel HTTP/1.1`,
        'host: 127.0.0.1:1',
        'sec-fetch-site: same-origin',
        `cookie: ${session.cookie}`,
        'content-length: 2',
        'connection: close',
        '',
        '{}',
      ]
      expect(await house.raw(bare.join('\r\n'))).toMatch(/^HTTP\/1\.1 415 [^]*"unsupported_media_type"/)
      const odd = { ...site, 'content-type': 'application/json, text/plain' }
      expect(await tryCancel(house, odd, '{}')).toBe('415 unsupported_media_type')
      expect(await tryCancel(house, { 'content-type': 'text/plain' })).toBe('403 cross_origin')
      const upper = { ...session, ...site, 'content-type': 'Application/JSON; charset=utf-8' }
      const asked = { method: 'POST', headers: upper, body: '{}' }
      expect((await house.askOne(`/${taskId}/cancel`, asked)).status).toBe(200)
    },
  },
  {
    id: 'A5',
    title: 'safe methods change nothing',
    async show(house) {
      const taskId = await house.waiting()
      const headers = { ...(await house.signIn()), 'x-http-method-override': 'DELETE' }
      for (const path of [`/${taskId}/cancel`, '/auth/logout', `/${taskId}/cancel?_method=POST`]) {
        for (const method of ['GET', 'HEAD']) {
          const { status } = await house.ask(path, { method, headers })
          expect([404, 405], `${method} ${path}`).toContain(status)
        }
      }
      expect((await house.ask(`/${taskId}`, { headers })).status).toBe(200)
      expect((await house.tasks.get(taskId))?.status).toBe('pending')
      expect((await house.ask('/auth/session', { headers })).status).toBe(200)
    },
  },
  {
    id: 'A6',
    title: 'CORS is closed by default, and origins are compared exactly',
    async show(house) {
      const session = await house.signIn()
      const foreign = [evil, 'https://admin.example.com.evil.test', 'https://evilexample.com', 'http://127.0.0.1:1']
      for (const origin of foreign) {
        const asks = { ...session, origin, 'access-control-request-method': 'POST' }
        for (const method of ['OPTIONS', 'GET']) {
          const { headers } = await house.ask('/metrics', { method, headers: asks })
          expect(headers).not.toHaveProperty('access-control-allow-origin')
          expect(headers).not.toHaveProperty('access-control-allow-credentials')
        }
      }
    },
  },
]
