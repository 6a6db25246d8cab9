import { anyTask } from '@taskloom/protocol'
import { describe, expect, it, vi } from 'vitest'
import { ClientError, madeProblem } from '../../packages/client/src/http.ts'
import { downloadTasks } from '../../packages/client/src/export.ts'

const options = {
  query: { filter: anyTask, sort: 'created_at', order: 'desc' },
  now: Date.parse('2026-02-03T04:05:06Z'),
  total: 2,
  isOffered: true,
} as const
const empty = { tasks: [], nextCursor: null, prevCursor: null, total: 0, totalIsCapped: false }

describe('a file of all rows', () => {
  it('is what the server writes, byte by byte', async () => {
    const text = '\ufeffID,Error\r\n1,"a\r\nb"\r\n2,ü\r\n'
    const list = vi.fn()
    const progress = vi.fn()
    const file = await downloadTasks({ list, open: answering(text) }, { ...options, onProgress: progress })
    expect(file.name).toBe('tasks-2026-02-03.csv')
    expect(Buffer.from(await file.blob.arrayBuffer()).toString()).toBe(text)
    expect(list).not.toHaveBeenCalled()
  })

  it('tells how many rows have come; line breaks within quotes are none', async () => {
    const rows = Array.from({ length: 9_000 }, (_, index) => `${index},"a\nb"\r\n`)
    const progress = vi.fn<(seen: { readonly rows: number; readonly total: number }) => void>()
    const open = answering(`ID,Error\r\n${rows.join('')}`, 10_000)
    await downloadTasks({ list: vi.fn(), open }, { ...options, total: 9_000, onProgress: progress })
    const told = progress.mock.calls.map(([seen]) => [seen.rows, seen.total])
    expect(told.length).toBeGreaterThan(2)
    expect(told.every(([seen, total]) => seen! <= 9_000 && total === 9_000)).toBe(true)
    expect(told.map(([seen]) => seen)).toEqual([...told.map(([seen]) => seen!)].sort((a, b) => a - b))
  })

  it.each([
    ['is not offered', { isOffered: false }, answering('never')],
    ['is a page of the host', {}, answering('<html>', undefined, 'text/html')],
    ['breaks off', {}, breakingOff],
  ])('is asked for page by page where it %s', async (_, more, open) => {
    const list = vi.fn(async () => empty)
    const file = await downloadTasks({ list, open }, { ...options, ...more })
    expect(list).toHaveBeenCalled()
    expect(await file.blob.text()).toBe('ID,Function,Status,Duration (ms),Retries,Created,Error\r\n')
  })

  it('is called off without a second attempt', async () => {
    const list = vi.fn()
    const open = () => Promise.reject(new ClientError(madeProblem('aborted', 'Called off', 0)))
    await expect(downloadTasks({ list, open }, options)).rejects.toMatchObject({ problem: { code: 'aborted' } })
    expect(list).not.toHaveBeenCalled()
  })
})

function answering(text: string, pieceSize = text.length, type = 'text/csv; charset=utf-8') {
  const bytes = new TextEncoder().encode(text)
  return () => {
    let from = 0
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      pull(controller) {
        if (from < bytes.length) controller.enqueue(bytes.slice(from, (from += pieceSize || 1)))
        else controller.close()
      },
    })
    return Promise.resolve(new Response(body, { headers: { 'content-type': type } }))
  }
}

function breakingOff(): Promise<Response> {
  const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('ID\r\n1\r\n'))
      controller.error(new TypeError('network error'))
    },
  })
  return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/csv' } }))
}
