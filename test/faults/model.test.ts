import { randomInt } from 'node:crypto'
import { memory } from '@taskloom/engine'
import type { Store } from '@taskloom/engine/store'
import { anyTask, type TaskStatus } from '@taskloom/protocol'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { commandArbitrary, perform, type Command } from './commands.ts'
import { fileStore } from './file-store.ts'
import { scheduleNames } from './model-schedules.ts'
import { Model } from './model.ts'
import { World } from './world.ts'

// To repeat a run that failed: TASKLOOM_MODEL_SEED=… and TASKLOOM_MODEL_PATH=…, which the failure prints.
const seed = Number(process.env['TASKLOOM_MODEL_SEED'] ?? randomInt(1, 2 ** 31 - 1))
const path = process.env['TASKLOOM_MODEL_PATH']
const runsAtMost = 2_000

const act = { actor: 'model', reason: null }
const statuses: readonly TaskStatus[] = ['pending', 'running', 'success', 'failed', 'cancelled', 'interrupted']

/** Says what the store has in the words of the model. */
async function compare(world: World, model: Model): Promise<void> {
  await compareSchedules(world, model)
  const { tasks, inner, starts } = world
  const wanted = [...model.tasks.values()].sort((a, b) => (a.id < b.id ? 1 : -1))
  const found = []
  for (const { id } of wanted) {
    const record = await inner.tasks.get(id)
    if (!record) throw new Error(`The task ${id} is lost`)
    const { status, attempt, retriesUsed, retryCount, interruptions, runAt } = record
    found.push({ id, func: record.funcName, status, attempt, retriesUsed, retryCount, interruptions, runAt })
    expect(record.durationMs ?? 0).toBeGreaterThanOrEqual(0)
  }
  expect(found).toEqual(wanted.map(({ key: _key, lock: _lock, endTime: _endTime, ...facts }) => facts))

  const { tasks: rows, total } = await tasks.list({ limit: 500, sort: 'task_id' })
  const { ticks } = model.schedules
  const ids = [...wanted.map(({ id }) => id), ...ticks.keys()].sort().reverse()
  expect([total, rows.map(({ taskId }) => taskId)]).toEqual([ids.length, ids])
  const counts: Record<string, unknown> = { ...(await tasks.source.metrics(anyTask)) }
  for (const status of statuses) {
    const count = model.ofStatus(status).length + (status === 'success' ? ticks.size : 0)
    expect([status, counts[status]]).toEqual([status, count])
  }
  const locked = model
    .ofStatus('pending', 'running')
    .flatMap(({ id, lock }) => (lock === null ? [] : [`${lock} ${id}`]))
  expect((await tasks.locks()).map(({ key, taskId }) => `${key} ${taskId}`)).toEqual(locked.sort())
  for (const { id, status, attempts } of await attemptsOf(tasks, wanted)) {
    expect([id, attempts.length], status).toEqual([id, model.tasks.get(id)?.attempt])
  }
  // No attempt has begun twice: a second start is another attempt, which only a failure or an interruption gives.
  expect([...starts].filter(([, count]) => count !== 1)).toEqual([])
}

/** Each slot that there must be has one task, and nothing else has. */
async function compareSchedules({ tasks, inner }: World, { schedules }: Model): Promise<void> {
  const filter = { ...anyTask, funcNames: scheduleNames }
  const question = { filter, sort: 'task_id', order: 'asc', limit: 500, cursor: null } as const
  const { tasks: rows } = await inner.views.list(question)
  const minted: string[] = []
  for (const { taskId, funcName, status, attempt, endTime } of rows) {
    if (schedules.ticks.has(taskId)) continue
    const { slotAt, source } = (await inner.tasks.get(taskId))!
    expect([status, attempt, source]).toEqual(['success', 1, 'scheduled'])
    minted.push(`${funcName} ${slotAt}`)
    schedules.ticks.set(taskId, { name: funcName, slotAt, endTime })
  }
  expect(minted.sort()).toEqual(schedules.expected.sort())
  schedules.expected = []
  const views = await tasks.source.schedules()
  const facts = views.map(({ funcName, status, missed }) => [funcName, status, missed])
  const wanted = scheduleNames.map((name) => {
    const { isPaused, missed } = schedules.kept[name]
    return [name, isPaused ? 'paused' : 'active', missed]
  })
  expect(facts.sort()).toEqual(wanted.sort())
}

/** Details are dear: those of the newest tasks stand for all. */
function attemptsOf(tasks: World['tasks'], wanted: readonly { readonly id: string }[]) {
  return Promise.all(wanted.slice(0, 3).map(({ id }) => tasks.source.detail(id))).then((details) =>
    details.map(({ taskId, status, attempts }) => ({ id: taskId, status, attempts })),
  )
}

async function live(makeStore: () => Store, commands: readonly Command[]): Promise<void> {
  const world = new World(makeStore)
  const model = new Model(world.clock.now())
  try {
    await world.start()
    for (const command of commands) {
      await perform(command, world, model, act)
      await compare(world, model)
    }
  } finally {
    await world.close()
  }
}

function sharedMemory(): () => Store {
  const store = memory()
  return () => store
}

describe('whatever happens in whatever order', () => {
  it.each([
    ['memory', sharedMemory, 9_000],
    ['sqlite', fileStore, 12_000],
  ] as const)('a manager on %s is as simple as its model', { timeout: 60_000 }, async (name, makeStores, limitMs) => {
    let lives = 0
    const property = fc.asyncProperty(fc.array(commandArbitrary, { minLength: 1, maxLength: 40 }), async (commands) => {
      lives += 1
      await live(makeStores(), commands)
    })
    try {
      await fc.assert(property, {
        seed,
        numRuns: runsAtMost,
        interruptAfterTimeLimit: limitMs,
        markInterruptAsFailure: false,
        ...(path === undefined ? {} : { path }),
      })
    } finally {
      console.info(`model on ${name}: seed ${seed}, ${lives} lives`)
    }
    expect(lives).toBeGreaterThan(20)
  })
})
