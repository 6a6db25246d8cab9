import { formatCursor, parseCursor, type TaskSummary } from '@taskloom/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  applyFrame,
  contradictsTotal,
  countWaiting,
  updateInPlace,
  type Page,
} from '../../packages/client/src/reduce.ts'
import { initialView } from '../../packages/client/src/view-query.ts'
import { makeTask, taskIdOf } from './builders.ts'

const pageSize = 3
const newestFirst = { ...initialView, pageSize }

function pageOf(numbers: readonly number[], hasMore = false): Page {
  const tasks = numbers.map((number) => makeTask(number))
  const last = tasks.at(-1)
  return { tasks, nextCursor: hasMore && last ? cursorOf(last) : null, prevCursor: null }
}

function cursorOf(task: TaskSummary): string {
  return formatCursor({ direction: 'next', value: task.createdAt, taskId: task.taskId })
}

function idsOf(page: Page): readonly string[] {
  return page.tasks.map(({ taskId }) => taskId)
}

describe('one frame on a page of three', () => {
  it('updates a row where it stands', () => {
    const task = makeTask(2, { status: 'running', version: 2 })
    const { page, flashedIds, needsRefetch } = applyFrame(pageOf([3, 2, 1]), newestFirst, {
      changed: [task],
      removed: [],
    })
    expect(page.tasks[1]).toBe(task)
    expect(flashedIds).toEqual([taskIdOf(2)])
    expect(needsRefetch).toBe(false)
  })

  it.each([1, 0])('never goes back to version %i', (version) => {
    const before = pageOf([3, 2, 1])
    const { page, flashedIds } = applyFrame(before, newestFirst, {
      changed: [makeTask(2, { status: 'failed', version })],
      removed: [],
    })
    expect(page.tasks).toEqual(before.tasks)
    expect(flashedIds).toEqual([])
  })

  it.each([
    ['newest', 4, [4, 3, 2]],
    ['between', 2.5, [3, 2.5, 2]],
  ])('inserts the %s and keeps the size', (_, number, expected) => {
    const { page, needsRefetch } = applyFrame(pageOf([3, 2, 1], true), newestFirst, {
      changed: [makeTask(number)],
      removed: [],
    })
    expect(idsOf(page)).toEqual(expected.map(taskIdOf))
    expect(parseCursor(page.nextCursor)?.taskId).toBe(taskIdOf(expected[2] as number))
    expect(needsRefetch).toBe(false)
  })

  it('leaves out what lies on a later page', () => {
    const { page, needsRefetch } = applyFrame(pageOf([3, 2, 1], true), newestFirst, {
      changed: [makeTask(0)],
      removed: [],
    })
    expect(idsOf(page)).toEqual([3, 2, 1].map(taskIdOf))
    expect(needsRefetch).toBe(false)
  })

  it('makes a next page when the last one overflows', () => {
    const { page } = applyFrame(pageOf([3, 2, 1]), newestFirst, { changed: [makeTask(0)], removed: [] })
    expect(idsOf(page)).toEqual([3, 2, 1].map(taskIdOf))
    expect(parseCursor(page.nextCursor)?.taskId).toBe(taskIdOf(1))
  })

  it.each([
    [true, true],
    [false, false],
  ])('with more behind it (%s), a removed row needs a refetch (%s)', (hasMore, expected) => {
    const change = applyFrame(pageOf([3, 2, 1], hasMore), newestFirst, { changed: [], removed: [taskIdOf(2)] })
    expect(idsOf(change.page)).toEqual([3, 1].map(taskIdOf))
    expect(change.needsRefetch).toBe(expected)
  })

  it('refetches when cursors are of another kind', () => {
    const foreign = { ...pageOf([3, 2, 1]), nextCursor: 'opaque' }
    expect(applyFrame(foreign, newestFirst, { changed: [makeTask(4)], removed: [] }).needsRefetch).toBe(true)
  })

  it.each([
    ['a value it is sorted by changed', makeTask(2, { durationMs: 5, version: 2 }), true],
    ['another value changed', makeTask(2, { status: 'running', version: 2 }), false],
    ['an unknown row may belong between', makeTask(9), true],
  ])('sorted by duration, when %s', (_, task, expected) => {
    const view = { ...newestFirst, sort: 'duration' as const }
    expect(applyFrame(pageOf([3, 2, 1], true), view, { changed: [task], removed: [] }).needsRefetch).toBe(expected)
  })

  it.each([
    ['before the page', 9, false],
    ['within the page', 2.5, true],
    ['after the page', 0, false],
    ['at the cursor itself', 4, false],
  ])('on a later page, a new row %s', (_, number, expected) => {
    const view = { ...newestFirst, cursor: cursorOf(makeTask(4)) }
    const change = applyFrame(pageOf([3, 2, 1], true), view, { changed: [makeTask(number)], removed: [] })
    expect(change.needsRefetch).toBe(expected)
    expect(idsOf(change.page)).toEqual([3, 2, 1].map(taskIdOf))
  })
})

describe('places in the list', () => {
  it.each([
    ['desc', [3, 1], [3, 2, 1]],
    ['asc', [1, 3], [1, 2, 3]],
  ] as const)('rise or fall as asked: %s', (order, shown, expected) => {
    const change = applyFrame(pageOf(shown), { ...newestFirst, order }, { changed: [makeTask(2)], removed: [] })
    expect(idsOf(change.page)).toEqual(expected.map(taskIdOf))
  })

  it('go by id where two rows are of one moment', () => {
    const twin = makeTask(9, { createdAt: makeTask(2).createdAt })
    const change = applyFrame(pageOf([3, 2]), newestFirst, { changed: [twin], removed: [] })
    expect(idsOf(change.page)).toEqual([3, 9, 2].map(taskIdOf))
  })

  it('are the same for no priority and priority 0, and other for any other', () => {
    const view = { ...newestFirst, sort: 'priority' as const }
    const refetches = (priority: number) =>
      applyFrame(pageOf([2, 1]), view, { changed: [makeTask(2, { priority, version: 2 })], removed: [] }).needsRefetch
    expect([refetches(0), refetches(1)]).toEqual([false, true])
  })
})

describe('held rows', () => {
  it('change in place and keep their identity otherwise', () => {
    const rows = pageOf([3, 2, 1]).tasks
    expect(updateInPlace(rows, [makeTask(9, { version: 9 })])).toBe(rows)
    expect(updateInPlace(rows, [makeTask(2, { version: 2 })]).map(({ version }) => version)).toEqual([1, 2, 1])
  })

  it.each([
    [[3, 2, 1], [3, 2, 1], 0],
    [[3, 2, 1], [4, 3, 2], 2],
    [[2, 1], [3, 2, 1], 1],
    [[1, 2], [2, 1], 2],
  ])('%j against %j wait %i', (shown, real, expected) => {
    expect(countWaiting(pageOf(shown).tasks, pageOf(real).tasks)).toBe(expected)
  })
})

describe('any history', () => {
  type Step = { readonly kind: 'create' | 'write' | 'delete' | 'flush' | 'reset' | 'stale'; readonly pick: number }
  const steps = fc.array(
    fc.record<Step>({
      kind: fc.constantFrom('create', 'create', 'write', 'write', 'delete', 'flush', 'reset', 'stale'),
      pick: fc.nat(1_000),
    }),
    { maxLength: 80, size: 'max' },
  )

  it.each(['desc', 'asc'] as const)('ends as the server lists it, %s', (order) => {
    const view = { ...newestFirst, order }
    fc.assert(
      fc.property(steps, (history) => {
        const server = new ScriptedServer(order)
        let page = server.list()
        let needsRefetch = false
        const apply = (frame: { changed: readonly TaskSummary[]; removed: readonly string[] }) => {
          const change = applyFrame(page, view, frame)
          page = change.page
          needsRefetch ||= change.needsRefetch
        }
        for (const { kind, pick } of history) {
          if (kind === 'flush') apply(server.flush())
          else if (kind === 'stale')
            apply({
              changed: page.tasks.slice(0, 1).map((task) => ({ ...task, status: 'old', version: 0 })),
              removed: [],
            })
          else if (kind === 'reset') page = server.list()
          else server.change(kind, pick)
          if (needsRefetch && pick % 2 === 0) {
            page = server.list()
            needsRefetch = false
          }
        }
        apply(server.flush())
        // Counts follow every change within a second.
        if (needsRefetch || contradictsTotal(page, view, { total: server.total, totalIsCapped: false }))
          page = server.list()
        expect(page).toEqual(server.list())
      }),
      { numRuns: 500 },
    )
  })

  /** Keeps tasks and tells changes late and coalesced, as the live stream does. */
  class ScriptedServer {
    #tasks: TaskSummary[] = []
    #changed = new Map<string, TaskSummary>()
    #removed = new Set<string>()
    #created = 0
    #order: 'asc' | 'desc'

    constructor(order: 'asc' | 'desc') {
      this.#order = order
    }

    change(kind: string, pick: number): void {
      const index = this.#tasks.length === 0 ? -1 : pick % this.#tasks.length
      const task = this.#tasks[index]
      if (kind === 'create') this.#save(makeTask((this.#created += 1), { createdAt: 1_000 + (pick % 20) }))
      else if (task && kind === 'write') this.#save({ ...task, status: 'running', version: task.version + 1 })
      else if (task) {
        this.#tasks.splice(index, 1)
        this.#changed.delete(task.taskId)
        this.#removed.add(task.taskId)
      }
    }

    get total(): number {
      return this.#tasks.length
    }

    flush() {
      const frame = { changed: [...this.#changed.values()], removed: [...this.#removed] }
      this.#changed.clear()
      this.#removed.clear()
      return frame
    }

    list(): Page {
      const sign = this.#order === 'asc' ? 1 : -1
      const sorted = this.#tasks.toSorted(
        (a, b) => sign * (a.createdAt - b.createdAt || (a.taskId < b.taskId ? -1 : 1)),
      )
      const tasks = sorted.slice(0, pageSize)
      const last = tasks.at(-1)
      return { tasks, nextCursor: sorted.length > pageSize && last ? cursorOf(last) : null, prevCursor: null }
    }

    #save(task: TaskSummary): void {
      this.#tasks = [...this.#tasks.filter(({ taskId }) => taskId !== task.taskId), task]
      this.#changed.set(task.taskId, task)
    }
  }
})
