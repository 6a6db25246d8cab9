import type { AuditDraft } from '../audit.ts'
import type { ErrorMarkStore } from '../error-marks.ts'
import { compareValues } from '../order.ts'
import type { PausedQueue, QueueControlStore } from '../queue-controls.ts'
import type { SecretStore } from '../secrets.ts'
import type { ScheduleState, ScheduleStore, WorkerFunctions, WorkerState, WorkerStore } from '../store.ts'
import { addAudit } from './audit.ts'
import { bare, KeyChanges } from './key-changes.ts'
import type { Lane } from './lane.ts'
import { encodeMark } from './register-fields.ts'

/** Where schedules are. */
export function redisSchedules(lane: Lane): ScheduleStore {
  const { connection } = lane
  const key = connection.keys.schedules()
  const read = async (name: string, changes?: KeyChanges): Promise<ScheduleState | undefined> => {
    const text = (await connection.command('HGET', key, name)) as string | null
    changes?.guard({ key: bare.schedules(), field: name, expected: text })
    if (text === null) return undefined
    const [isPaused, lastSlotAt, missed] = JSON.parse(text) as [0 | 1, number | null, number]
    return { name, isPaused: isPaused === 1, lastSlotAt, missed }
  }
  const put = (changes: KeyChanges, { name, isPaused, lastSlotAt, missed }: ScheduleState): void =>
    changes.put(bare.schedules(), name, JSON.stringify([isPaused ? 1 : 0, lastSlotAt, missed]))
  return {
    get: (name) => read(name),
    put: (state, audit) =>
      lane.run(async () => {
        const changes = new KeyChanges()
        const known = await read(state.name, changes)
        const lastSlotAt = later(known?.lastSlotAt ?? null, state.lastSlotAt)
        put(changes, { ...state, lastSlotAt, missed: Math.max(known?.missed ?? 0, state.missed) })
        await record(changes, lane, audit)
        return { changes, answer: undefined }
      }),
    advance: (name, lastSlotAt, missed) =>
      lane.run(async () => {
        const changes = new KeyChanges()
        const known = await read(name, changes)
        const isBehind = known && (known.lastSlotAt === null || known.lastSlotAt < lastSlotAt)
        if (isBehind) put(changes, { ...known, lastSlotAt, missed: known.missed + missed })
        return { changes, answer: isBehind === true }
      }),
  }
}

/** Which processes live. */
export function redisWorkers(lane: Lane): WorkerStore {
  const { connection } = lane
  const { keys } = connection
  const values = async (key: string): Promise<readonly string[]> =>
    (await connection.command('HVALS', key)) as readonly string[]
  const list = async (): Promise<readonly WorkerState[]> =>
    (await values(keys.workers())).map((text) => JSON.parse(text) as WorkerState)
  const change = (act: (changes: KeyChanges) => void): Promise<void> =>
    lane.run(() => {
      const changes = new KeyChanges()
      act(changes)
      return Promise.resolve({ changes, answer: undefined })
    })
  return {
    beat: (worker) =>
      change((changes) => {
        const text = JSON.stringify({ ...worker, facts: worker.facts ?? null })
        changes.put(bare.workers(), worker.workerId, text)
      }),
    list,
    remove: (workerId) =>
      change((changes) => {
        changes.put(bare.workers(), workerId, null)
        changes.put(bare.workerFunctions(), workerId, null)
      }),
    register: ({ workerId, funcNames }) =>
      change((changes) => changes.put(bare.workerFunctions(), workerId, JSON.stringify({ workerId, funcNames }))),
    async functions() {
      const listed = new Set((await list()).map(({ workerId }) => workerId))
      const all = (await values(keys.workerFunctions())).map((text) => JSON.parse(text) as WorkerFunctions)
      return all.filter(({ workerId }) => listed.has(workerId))
    },
  }
}

/** What is signed with. */
export function redisSecrets(lane: Lane): SecretStore {
  const { connection } = lane
  return {
    keep: (name, fresh) =>
      lane.run(async () => {
        const changes = new KeyChanges()
        const stored = (await connection.command('HGET', connection.keys.secrets(), name)) as string | null
        changes.guard({ key: bare.secrets(), field: name, expected: stored })
        if (stored === null) changes.put(bare.secrets(), name, fresh)
        return { changes, answer: stored ?? fresh }
      }),
  }
}

/** Which queues are paused. */
export function redisQueueControls(lane: Lane): QueueControlStore {
  const { connection } = lane
  const key = connection.keys.pausedQueues()
  const set = (queue: string, value: string | null, audit: AuditDraft | undefined): Promise<boolean> =>
    lane.run(async () => {
      const changes = new KeyChanges()
      const known = (await connection.command('HGET', key, queue)) as string | null
      changes.guard({ key: bare.pausedQueues(), field: queue, expected: known })
      const isChanged = (known === null) !== (value === null)
      if (isChanged) changes.put(bare.pausedQueues(), queue, value)
      await record(changes, lane, audit)
      return { changes, answer: isChanged }
    })
  return {
    async paused() {
      const pairs = (await connection.command('HGETALL', key)) as readonly string[]
      const paused: PausedQueue[] = []
      for (let index = 0; index < pairs.length; index += 2) {
        const [since, by] = JSON.parse(pairs[index + 1] ?? '[]') as [number, string]
        paused.push({ queue: pairs[index] ?? '', since, by })
      }
      return paused.sort((a, b) => compareValues(a.queue, b.queue))
    },
    pause: ({ queue, since, by }, audit) => set(queue, JSON.stringify([since, by]), audit),
    resume: (queue, audit) => set(queue, null, audit),
  }
}

/** What people say of kinds of failures. */
export function redisErrorMarks(lane: Lane): ErrorMarkStore {
  const { connection } = lane
  return {
    mark: ({ fingerprint, mark, at, by }, audit) =>
      lane.run(async () => {
        const changes = new KeyChanges()
        const group = (await connection.command('HGET', connection.keys.errors(), fingerprint)) as string | null
        if (group === null) return { changes, answer: false }
        changes.put(bare.errorMarks(), fingerprint, mark === null ? null : encodeMark({ mark, at, by }))
        await record(changes, lane, audit)
        return { changes, answer: true }
      }),
  }
}

async function record(changes: KeyChanges, lane: Lane, audit: AuditDraft | undefined): Promise<void> {
  if (audit) await addAudit(changes, [audit], lane.connection)
}

function later(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b)
}
