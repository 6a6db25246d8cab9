import { taskContext, TaskManager, type TaskContext } from '@taskloom/engine'
import type { Store } from '@taskloom/engine/store'
import { createFakeClock } from '../../packages/testkit/src/fake-clock.ts'
import { aroundCalls, guardParts } from './faulty-store.ts'
import { schedules, scheduleNames } from './model-schedules.ts'
import { functions, retryDelayMs, type FuncName } from './model.ts'

/** A store that its process can be cut off from, as by death: nothing it asks is done or answered any more. */
interface Line {
  readonly store: Store
  cut(): void
}

function lineTo(inner: Store): Line {
  let isCut = false
  const never = new Promise<never>(() => undefined)
  const guard = (_: string, part: () => object): object =>
    aroundCalls(part, async (_verb, call) => {
      if (isCut) return never
      const answer = await call()
      return isCut ? never : answer
    })
  const store = guardParts(inner, guard, {})
  return { store, cut: () => void (isCut = true) }
}

type End = (isOk: boolean) => void

/** A host with its manager, which may be restarted or die, over what is kept. */
export class World {
  readonly clock = createFakeClock(Date.UTC(2026, 0, 1))
  readonly starts = new Map<string, number>()
  readonly #pastManagers: TaskManager[] = []
  readonly #pastStores: Store[] = []
  #held = new Map<string, End>()
  #line: Line
  /** When the process that lives now began. */
  bootedAt = 0
  inner: Store
  tasks: TaskManager

  constructor(private readonly makeStore: () => Store) {
    this.inner = makeStore()
    this.#line = lineTo(this.inner)
    this.tasks = this.#manager()
  }

  async start(): Promise<void> {
    this.bootedAt = this.clock.now()
    await this.drive(this.tasks.start())
    await this.clock.advance(0)
  }

  release(taskId: string, isOk: boolean): void {
    const end = this.#held.get(taskId)
    if (!end) throw new Error(`Task ${taskId} does not run here`)
    end(isOk)
  }

  async restart(downMs: number): Promise<void> {
    await this.drive(this.tasks.shutdown({ timeoutMs: 0 }))
    await this.clock.advance(downMs)
    await this.#anew()
  }

  /** The process dies at once. */
  cut(): void {
    this.#line.cut()
    this.#held = new Map()
  }

  async revive(downMs: number): Promise<void> {
    await this.clock.advance(downMs)
    this.#pastManagers.push(this.tasks)
    await this.#anew()
  }

  async close(): Promise<void> {
    for (const manager of [...this.#pastManagers, this.tasks]) await this.drive(manager.shutdown({ timeoutMs: 0 }))
    for (const store of [...this.#pastStores, this.inner]) await store.close()
  }

  /** Waits for what may need time to pass, though on a busy machine it may only need more turns. */
  async drive<T>(promise: Promise<T>): Promise<T> {
    let isSettled = false
    promise.then(
      () => (isSettled = true),
      () => (isSettled = true),
    )
    for (let turn = 0; turn < 300; turn += 1) {
      await this.clock.advance(0)
      if (isSettled) return promise
      if (turn > 20) await this.clock.advance(50)
    }
    throw new Error('It is not settled')
  }

  async #anew(): Promise<void> {
    this.#pastStores.push(this.inner)
    this.inner = this.makeStore()
    this.#line = lineTo(this.inner)
    this.tasks = this.#manager()
    await this.start()
  }

  #manager(): TaskManager {
    // Loading OpenTelemetry takes real time, in which the clock of the world would run on.
    const tasks = new TaskManager({ store: this.#line.store, clock: this.clock, openTelemetry: false })
    const held = this.#held
    for (const name of Object.keys(functions) as FuncName[]) {
      const { retries, isHeld, fails, requeues } = functions[name]
      tasks.define(name, { retries, delay: retryDelayMs, requeueOnInterrupt: requeues }, () => {
        const { taskId, signal } = this.#noteStart()
        if (isHeld) return hold(held, taskId, signal)
        if (fails) throw new Error('It always fails')
        return 'done'
      })
    }
    for (const name of scheduleNames) {
      const { everyMs, misfire } = schedules[name]
      tasks.schedule(name, { every: everyMs, misfire }, () => void this.#noteStart())
    }
    return tasks
  }

  #noteStart(): TaskContext {
    const context = taskContext()!
    const start = `${context.taskId}/${context.attempt}`
    this.starts.set(start, (this.starts.get(start) ?? 0) + 1)
    return context
  }
}

function hold(held: Map<string, End>, taskId: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new Error('It was told to fail'))
    held.set(taskId, (isOk) => (isOk ? resolve() : fail()))
    signal.addEventListener('abort', fail)
  })
}
