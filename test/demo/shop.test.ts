import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { createShop, type Shop } from '../../demo/server/shop.ts'

const patience = { timeout: 60_000, interval: 100 }

/** The wire's form of what these tests look at. */
interface WireTask {
  readonly task_id: string
  readonly func_name: string
  readonly status: string
  readonly retries_used: number
  readonly retried_from: string | null
  readonly tags: Readonly<Record<string, string>>
}

describe('the print shop', () => {
  let shop: Shop
  let dataDir: string

  beforeAll(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'printworks-'))
    shop = await createShop({ dataDir, port: 0, webhookDelayMs: 20, webhookTimeoutMs: 300 })
  })

  afterAll(async () => {
    await shop.close()
    await rm(dataDir, { recursive: true, force: true })
  })

  it('turns the sample folder into thumbnails, checksums and imported rows', async () => {
    expect(await post('/admin/samples')).toBe(303)
    await vi.waitFor(() => {
      const images = shop.db.files('image')
      expect(images.filter(({ hasThumbnail }) => hasThumbnail)).toHaveLength(8)
      const rows = Object.fromEntries(shop.db.files('list').map(({ name, rowCount }) => [name, rowCount]))
      expect(rows).toEqual({ 'airports.csv': 3376, 'weather.csv': 2922, 'seattle-weather.csv': 1461 })
      expect([...images, ...shop.db.files('list')].every(({ sha256 }) => sha256?.length === 64)).toBe(true)
    }, patience)

    const [image] = shop.db.files('image').filter(({ hasThumbnail }) => hasThumbnail)
    const thumbnail = Buffer.from(await (await fetch(`${shop.url}/thumbnails/${image?.id}.jpg`)).arrayBuffer())
    expect(thumbnail.subarray(0, 3).toString('hex')).toBe('ffd8ff')
    expect(await page('/admin/catalogue')).toContain('/thumbnails/')
  }, 70_000)

  it('shows what succeeded, and the damaged picture as a dead letter with its stack', async () => {
    const succeeded = await vi.waitFor(async () => {
      const tasks = await list('status=success&limit=100')
      expect(count(tasks, 'thumbnail')).toBe(8)
      expect(count(tasks, 'import_catalogue')).toBe(3)
      expect(count(tasks, 'checksum')).toBe(12)
      return tasks
    }, patience)
    expect(succeeded.every(({ status }) => status === 'success')).toBe(true)

    const [torn] = await vi.waitFor(async () => {
      const tasks = await list('status=failed&func_name=thumbnail')
      expect(tasks).toHaveLength(1)
      return tasks
    }, patience)
    const detail = await json(`/tasks/${torn?.task_id}`)
    expect(detail).toMatchObject({
      attempts: [{ outcome: 'failed' }, { outcome: 'failed' }],
      tags: { file: 'torn-scan.png' },
    })
    expect(detail['stacktrace']).toContain('Error')
  }, 70_000)

  it('mails each order through its own SMTP server', async () => {
    expect(await order({ customer: 'Zoë <b>Ritter</b>', email: 'zoe@customers.example', partner: 'nord' })).toBe(303)
    await vi.waitFor(() => {
      const [mail] = shop.db.mails()
      expect(mail).toMatchObject({
        recipient: 'zoe@customers.example',
        text: expect.stringContaining('Dear Zoë <b>Ritter'),
      })
      expect(shop.db.orders()[0]).toMatchObject({ mailedAt: expect.any(Number), deliveredAt: expect.any(Number) })
    }, patience)
    const inbox = await page('/admin/inbox')
    expect(inbox).toContain('zoe@customers.example')
    expect(inbox).not.toContain('<b>Ritter')
  })

  it('retries a webhook until it is a dead letter, and a retry after the repair mints a task that succeeds', async () => {
    expect(await order({ customer: 'Bo', email: 'bo@customers.example', partner: 'ost' })).toBe(303)
    const dead = await vi.waitFor(async () => {
      const [task] = await list('status=failed&func_name=deliver_webhook')
      expect(task).toMatchObject({ retries_used: 3, tags: { partner: 'ost' } })
      return task as WireTask
    }, patience)
    expect((await json(`/tasks/${dead.task_id}`))['attempts']).toHaveLength(4)

    expect(await post('/admin/partners/ost', { broken: 'no' })).toBe(303)
    const response = await fetch(`${shop.url}/tasks/${dead.task_id}/retry`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: shop.url },
      body: '{}',
    })
    expect(response.status).toBe(200)
    const minted = ((await response.json()) as { task_id: string }).task_id
    expect(minted).not.toBe(dead.task_id)
    await vi.waitFor(async () => {
      expect(await json(`/tasks/${minted}`)).toMatchObject({ status: 'success', retried_from: dead.task_id })
    }, patience)
    expect(await json(`/tasks/${dead.task_id}`)).toMatchObject({ status: 'failed', retry_count: 1, retries: [minted] })
  }, 70_000)

  it('refuses what it cannot print', async () => {
    const form = new FormData()
    form.append('files', new Blob(['hello']), 'letter.exe')
    const before = shop.db.figures()
    const response = await fetch(`${shop.url}/admin/uploads`, { method: 'POST', body: form })
    expect(response.status).toBe(415)
    expect(shop.db.figures()).toEqual(before)
    expect(await order({ customer: 'Bo', email: 'no address', partner: 'nord' })).toBe(400)
  })

  it('writes the nightly report when an operator runs it', async () => {
    const response = await fetch(`${shop.url}/tasks/schedules/nightly_report/run`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', origin: shop.url },
      body: '{}',
    })
    expect(response.status).toBe(200)
    await vi.waitFor(async () => {
      const name = /\/reports\/([\d-]+\.html)/.exec(await page('/admin/catalogue'))?.[1] ?? 'none'
      expect(await readFile(join(dataDir, 'reports', name), 'utf8')).toContain('Nightly report')
    }, patience)
  })

  it('serves the dashboard under a strict policy', async () => {
    const response = await fetch(`${shop.url}/admin/work`)
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
    expect(await response.text()).toContain('<task-dashboard src="/tasks"')
    const script = await fetch(`${shop.url}/tasks/dashboard/assets/task-dashboard.js`)
    expect(script.status).toBe(200)
    expect(script.headers.get('content-type')).toMatch(/javascript/)
  })

  async function post(path: string, fields: Readonly<Record<string, string>> = {}): Promise<number> {
    const body = new URLSearchParams(fields)
    return (await fetch(shop.url + path, { method: 'POST', body, redirect: 'manual' })).status
  }

  function order(fields: { customer: string; email: string; partner: string }): Promise<number> {
    return post('/admin/orders', { product: 'Postcards', quantity: '50', ...fields })
  }

  async function page(path: string): Promise<string> {
    return (await fetch(shop.url + path)).text()
  }

  async function json(path: string): Promise<Record<string, unknown>> {
    return (await (await fetch(shop.url + path)).json()) as Record<string, unknown>
  }

  async function list(query: string): Promise<readonly WireTask[]> {
    return (await json(`/tasks/?${query}`))['tasks'] as readonly WireTask[]
  }
})

function count(tasks: readonly WireTask[], name: string): number {
  return tasks.filter(({ func_name }) => func_name === name).length
}
