import type { TaskQuery } from '@taskloom/protocol'
import fc from 'fast-check'
import Papa from 'papaparse'
import { describe, expect, it } from 'vitest'
import { csvColumns, csvName, exportTasks, tasksToCsv } from '../../packages/client/src/csv.ts'
import { ClientError, madeProblem } from '../../packages/client/src/http.ts'
import { initialView, readCursor, toTaskQuery } from '../../packages/client/src/view-query.ts'
import { formatCursor } from '@taskloom/protocol'
import { makePage, makeTask, noon } from './builders.ts'

const query = toTaskQuery({ ...initialView, sort: 'duration', order: 'asc', queues: ['mail'] }, noon)

/** Answers pages of what is asked, out of so many tasks. */
function listOf(count: number) {
  const asked: Partial<TaskQuery>[] = []
  return {
    asked,
    list(ask: Partial<TaskQuery> = {}, { signal }: { signal?: AbortSignal | undefined } = {}) {
      if (signal?.aborted) return Promise.reject(new ClientError(madeProblem('aborted', 'Called off', 0)))
      asked.push(ask)
      const from = Number(ask.cursor?.value ?? 0)
      const until = Math.min(count, from + (ask.limit ?? 0))
      const tasks = Array.from({ length: until - from }, (_, index) =>
        makeTask(from + index, { durationMs: from + index }),
      )
      const nextCursor = until < count ? formatCursor({ direction: 'next', value: until, taskId: 'x' }) : null
      return Promise.resolve(makePage(tasks, { nextCursor, total: count }))
    },
  }
}

describe('an export', () => {
  it('reads every page of the filter and sort, and tells how far it is', async () => {
    const client = listOf(4_700)
    const progress: number[] = []
    const file = await exportTasks(client, { query, now: noon, onProgress: ({ rows }) => progress.push(rows) })
    expect(file.name).toBe('tasks-2026-01-31.csv')
    const text = await file.blob.text()
    const { data } = Papa.parse<string[]>(text, { skipEmptyLines: true })
    expect(data[0]).toEqual([...csvColumns])
    expect(data.slice(1).map((row) => Number(row[3]))).toEqual(Array.from({ length: 4_700 }, (_, index) => index))
    expect(progress).toEqual([500, 1_000, 1_500, 2_000, 2_500, 3_000, 3_500, 4_000, 4_500, 4_700])
    expect(
      client.asked.every(
        ({ filter, sort, order, limit }) =>
          filter === query.filter && sort === 'duration' && order === 'asc' && limit === 500,
      ),
    ).toBe(true)
  })

  it('begins with a byte order mark and has a head without rows', async () => {
    const file = await exportTasks(listOf(0), { query, now: noon })
    const bytes = new Uint8Array(await file.blob.arrayBuffer())
    expect([...bytes.slice(0, 3)]).toEqual([0xef, 0xbb, 0xbf])
    expect(new TextDecoder().decode(bytes)).toBe(`${csvColumns.join(',')}\r\n`)
  })

  it('can be called off between pages', async () => {
    const controller = new AbortController()
    const client = listOf(5_000)
    const written = exportTasks(client, {
      query,
      now: noon,
      signal: controller.signal,
      onProgress: ({ rows }) => rows === 1_000 && controller.abort(),
    })
    await expect(written).rejects.toMatchObject({ problem: { code: 'aborted' } })
    expect(client.asked).toHaveLength(2)
  })

  it('ends with a server that answers the same place again', async () => {
    const same = formatCursor({ direction: 'next', value: 0, taskId: 'x' })
    const client = { list: () => Promise.resolve(makePage([makeTask(1)], { nextCursor: same })) }
    const file = await exportTasks(client, { query, now: noon })
    expect((await file.blob.text()).split('\r\n')).toHaveLength(4)
    expect(readCursor(same)).not.toBeNull()
  })
})

describe('cells', () => {
  const errorOf = (error: string) => Papa.parse<string[]>(tasksToCsv([makeTask(1, { error })])).data[0]?.[6]

  it.each(['=1+1', '+1', '-2+3', '@SUM(1)', '\t=1', '\r=1', '  =1', '\u00a0=1', '＝1', '＋1', '－1', '＠x', ' \n@x'])(
    'disarm %j',
    (error) => {
      expect(errorOf(error)).toBe(`'${error}`)
    },
  )

  it.each(['a=1', "it's", '1-2', 'x@y.z'])('leave %j alone', (error) => {
    expect(errorOf(error)).toBe(error)
  })

  it('keep numbers numbers', () => {
    const line = tasksToCsv([makeTask(1, { durationMs: -5.25, retriesUsed: 2 })])
    expect(line).toContain(',pending,-5.25,2,2026-01-31T12:00:01.000Z,')
  })

  it('come back whatever they hold', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' }), { minLength: 1 }), (errors) => {
        const text = tasksToCsv(errors.map((error, index) => makeTask(index, { error })))
        const rows = Papa.parse<string[]>(text, { skipEmptyLines: true, newline: '\r\n' }).data
        const isFormula = (error: string) => /^[\s\u00a0]*[=+\-@\t\r＝＋－＠]/.test(error)
        expect(rows.map((row) => row[6])).toEqual(errors.map((error) => (isFormula(error) ? `'${error}` : error)))
      }),
    )
  })

  it('names the file by the day', () => {
    expect(csvName(Date.UTC(2026, 11, 1))).toBe('tasks-2026-12-01.csv')
  })
})
