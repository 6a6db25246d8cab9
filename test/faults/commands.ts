import type { Act } from '@taskloom/engine'
import { anyTask, type TaskStatus } from '@taskloom/protocol'
import fc from 'fast-check'
import { expect } from 'vitest'
import { scheduleNames, type ScheduleName } from './model-schedules.ts'
import { functions, type FuncName, type Model, type ModelTask } from './model.ts'
import type { World } from './world.ts'

/** What may happen. `pick` chooses among the tasks there are. */
export type Command =
  | {
      readonly do: 'enqueue'
      readonly func: FuncName
      readonly key: string | null
      readonly lock: string | null
      readonly delayMs: number
    }
  | { readonly do: 'pause' | 'resume' | 'runSchedule'; readonly schedule: ScheduleName }
  | { readonly do: 'end'; readonly pick: number; readonly isOk: boolean }
  | { readonly do: 'cancel' | 'retry' | 'runNow' | 'delete'; readonly pick: number }
  | { readonly do: 'clear'; readonly olderThanMs: number }
  | { readonly do: 'advance'; readonly ms: number }
  | { readonly do: 'restart'; readonly downMs: number }
  | { readonly do: 'crash'; readonly downMs: number; readonly burst: number; readonly turns: number }

const pick = fc.nat({ max: 30 })
const func = fc.constantFrom(...(Object.keys(functions) as FuncName[]))
const key = fc.option(fc.constantFrom('a', 'b', 'c'), { freq: 2 })
const lock = fc.option(fc.constantFrom('x', 'y'), { freq: 2 })
const schedule = fc.constantFrom(...scheduleNames)

export const commandArbitrary: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc.record({ do: fc.constant('enqueue'), func, key, lock, delayMs: fc.constantFrom(0, 0, 0, 7_000) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('pause', 'resume', 'runSchedule'), schedule }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('end'), pick, isOk: fc.boolean() }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constantFrom('cancel', 'retry', 'runNow', 'delete'), pick }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear'), olderThanMs: fc.constantFrom(0, 5_000, 30_000) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('advance'), ms: fc.constantFrom(1, 3_000, 10_000, 25_000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('restart'), downMs: fc.constantFrom(0, 1_000, 60_000) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('crash'),
      downMs: fc.constantFrom(0, 1_000, 60_000),
      burst: fc.nat({ max: 6 }),
      turns: fc.nat({ max: 12 }),
    }),
  },
)

/** Does the same to the world and to the model. */
export async function perform(command: Command, world: World, model: Model, act: Act): Promise<void> {
  switch (command.do) {
    case 'enqueue':
      return enqueue(world, model, command)
    case 'end':
      return end(world, model, command.pick, command.isOk)
    case 'cancel':
    case 'retry':
    case 'runNow':
    case 'delete':
      return deed(world, model, command.do, command.pick, act)
    case 'pause':
    case 'resume':
    case 'runSchedule':
      return direct(world, model, command.do, command.schedule, act)
    case 'clear':
      return clear(world, model, command.olderThanMs, act)
    case 'advance':
      await world.clock.advance(command.ms)
      return model.advance(command.ms)
    case 'restart':
      for (const task of model.ofStatus('running')) model.interrupt(task)
      await world.restart(command.downMs)
      return model.boot(world.bootedAt, world.clock.now())
    case 'crash':
      return crash(world, model, command)
  }
}

type Asked = Extract<Command, { do: 'enqueue' }>

async function enqueue(world: World, model: Model, { func, key, lock, delayMs }: Asked): Promise<void> {
  const holder = model.holderOf(key)
  const options = {
    ...(key === null ? {} : { idempotencyKey: key }),
    ...(lock === null ? {} : { locks: [lock] }),
    ...(delayMs === 0 ? {} : { delay: delayMs }),
  }
  const asked = world.drive(world.tasks.enqueue(func, [], options))
  const other = model.lockedBy(lock)
  if (!holder && other) {
    const conflicts = [{ key: lock, taskId: other.id }]
    return expect(asked).rejects.toMatchObject({ code: 'conflict_lock', conflicts })
  }
  const { id, deduplicated } = await asked
  expect([deduplicated, deduplicated ? id : null]).toEqual([holder !== undefined, holder?.id ?? null])
  await world.clock.advance(0)
  if (!holder) model.add(id, { func, key, lock }, delayMs === 0 ? null : model.now + delayMs)
}

async function end(world: World, model: Model, pick: number, isOk: boolean): Promise<void> {
  const task = at(model.ofStatus('running'), pick)
  if (!task) return
  world.release(task.id, isOk)
  await world.clock.advance(0)
  model.end(task, isOk)
}

type Deed = 'cancel' | 'retry' | 'runNow' | 'delete'

const allowed = {
  cancel: ['pending', 'running'],
  retry: ['failed', 'interrupted'],
  runNow: ['pending'],
  delete: ['success', 'failed', 'cancelled', 'interrupted'],
} as const

async function deed(world: World, model: Model, name: Deed, pick: number, act: Act): Promise<void> {
  const task = at([...model.tasks.values()], pick)
  if (!task) {
    const refused = world.drive<unknown>(world.tasks.source[name]('0190f3c2-7a51-7c11-b1de-5b2f6f0d8d11', act))
    await expect(refused).rejects.toMatchObject({ code: 'unknown_task' })
    return
  }
  const answer = world.drive<unknown>(world.tasks.source[name](task.id, act))
  if (!(allowed[name] as readonly string[]).includes(task.status)) {
    await expect(answer).rejects.toMatchObject({ code: 'wrong_status' })
    return
  }
  const holder = model.liveRetryOf(task) ?? model.holderOf(task.key)
  if (name === 'retry' && !holder && model.lockedBy(task.lock)) {
    return expect(answer).rejects.toMatchObject({ code: 'conflict_lock' })
  }
  const answered = await answer
  await world.clock.advance(0)
  if (name === 'cancel') return model.cancel(task)
  if (name === 'delete') return void model.tasks.delete(task.id)
  if (name === 'runNow') {
    task.runAt = null
    return model.runDue()
  }
  // A retry that is alive is enough. A new task takes the key with it; somebody else who has it by now stands for it.
  const { taskId } = answered as { readonly taskId: string }
  if (holder) return expect(taskId).toBe(holder.id)
  model.originals.set(taskId, task.id)
  task.retryCount += 1
  model.add(taskId, task, null)
}

async function direct(
  world: World,
  model: Model,
  deed: 'pause' | 'resume' | 'runSchedule',
  name: ScheduleName,
  act: Act,
): Promise<void> {
  const verb = deed === 'pause' ? 'pauseSchedule' : deed === 'resume' ? 'resumeSchedule' : deed
  await world.drive<unknown>(world.tasks.source[verb](name, act))
  await world.clock.advance(0)
  if (deed === 'runSchedule') model.schedules.runByHand(name)
  else model.schedules.setPaused(name, deed === 'pause', model.now)
}

async function clear(world: World, model: Model, olderThanMs: number, act: Act): Promise<void> {
  const before = model.now - olderThanMs
  const old = model
    .ofStatus('success', 'failed', 'cancelled')
    .filter(({ endTime }) => endTime !== null && endTime < before)
  const deleted = await world.drive(
    Promise.resolve(world.tasks.source.clearHistory({ olderThanMs, statuses: [] }, act)),
  )
  const { ticks } = model.schedules
  const oldTicks = [...ticks].filter(([, { endTime }]) => endTime !== null && endTime < before)
  expect(deleted).toBe(old.length + oldTicks.length)
  for (const { id } of old) model.tasks.delete(id)
  for (const [id] of oldTicks) ticks.delete(id)
}

/** Long enough for the lease of a dead process to end and be noticed. */
const recoveryMs = 20_000

type Crash = Extract<Command, { do: 'crash' }>

/** The process dies, perhaps while tasks are on their way into the store. */
async function crash(world: World, model: Model, { burst, turns, downMs }: Crash): Promise<void> {
  const acknowledged: string[] = []
  for (let count = 0; count < burst; count += 1) {
    const name = count % 2 === 0 ? 'ok' : 'safe'
    world.tasks.enqueue(name).then(
      ({ id }) => acknowledged.push(id),
      () => undefined,
    )
  }
  for (let turn = 0; turn < turns; turn += 1) await Promise.resolve()
  if (turns > 6) await new Promise((resolve) => setImmediate(resolve))
  world.cut()
  // What has reached the store is done by it; a death in the middle of that is the affair of the crash test.
  await world.clock.advance(0)
  const stored = await adopt(world, model)
  expect(acknowledged.filter((id) => !stored.has(id))).toEqual([])
  const orphans = model.ofStatus('running')
  await world.revive(downMs)
  model.boot(world.bootedAt, world.clock.now())
  await world.clock.advance(recoveryMs)
  model.advance(recoveryMs)
  for (const task of orphans) model.interrupt(task)
  model.runDue()
}

/** What was on its way is in the store as it happened to be: waiting, running, or done. */
async function adopt({ inner }: World, model: Model): Promise<ReadonlySet<string>> {
  const page = { filter: anyTask, sort: 'task_id', order: 'desc', limit: 500, cursor: null } as const
  const { tasks } = await inner.views.list(page)
  for (const { taskId, funcName, status, attempt, endTime } of tasks) {
    if (model.tasks.has(taskId) || !Object.hasOwn(functions, funcName)) continue
    const counts = { retriesUsed: 0, retryCount: 0, interruptions: 0 }
    const task: ModelTask = {
      id: taskId,
      func: funcName as FuncName,
      key: null,
      lock: null,
      status: status as TaskStatus,
      attempt,
      ...counts,
      runAt: null,
      endTime,
    }
    model.tasks.set(taskId, task)
  }
  return new Set(tasks.map(({ taskId }) => taskId))
}

function at(tasks: readonly ModelTask[], pick: number): ModelTask | undefined {
  return tasks[pick % Math.max(1, tasks.length)]
}
