import type { Clock } from '../core/clock.ts'
import { parseDefinition, type Definition } from '../core/definition.ts'
import { TaskError } from '../core/errors.ts'
import { integerOption, rejectUnknown } from '../core/option.ts'
import { createRecord, type TaskRecord } from '../core/record.ts'
import { packArgs } from '../core/serialize.ts'
import type { TaskSource } from '../server/source.ts'
import type { Store } from '../stores/store.ts'
import type { Dispatcher } from '../queues/queue.ts'
import type { Mint } from './mint.ts'
import type { Presence } from './presence.ts'

/** No function of a host is called so, and it is on no list of functions. */
export const probeName = 'taskloom:self-test'
const mostUrgent = 1e9
const cleanUpMs = 1_000
/** Clocks of processes that share a store may differ by so much. */
const skewMs = 2_000

/** How long a self-test may take. */
export interface SelfTestOptions {
  /** For all checks together; 5,000 by default, at most 60,000. */
  readonly timeoutMs?: number
}

/** One thing that was tried. */
export interface SelfTestCheck {
  /**
   * `store`: a task is written, read and deleted. `reader`: the dashboard's connection sees it. `clock`: it goes with
   * those of the other processes, and was not set back. `run`: a task is enqueued, run and read back.
   */
  readonly name: 'store' | 'reader' | 'clock' | 'run'
  /** `skipped`: this process is not started, so it runs nothing. */
  readonly status: 'ok' | 'failed' | 'skipped'
  /** How long it took, in milliseconds. */
  readonly tookMs: number
  /** Why it failed or was skipped. */
  readonly detail: string | null
}

/** What a self-test found. */
export interface SelfTestReport {
  /** Whether no check failed. */
  readonly ok: boolean
  /** How long all of it took, in milliseconds. */
  readonly tookMs: number
  /** In the order they were made. */
  readonly checks: readonly SelfTestCheck[]
}

export interface SelfTestParts {
  readonly store: Store
  readonly clock: Clock
  readonly mint: Mint
  readonly dispatcher: Dispatcher
  readonly presence: Presence
  readonly source: TaskSource
  readonly ready: () => Promise<void>
  readonly wait: (taskId: string) => Promise<TaskRecord>
}

/** Goes once through everything that a task needs. Never rejects but for bad options; leaves nothing behind. */
export async function runSelfTest(parts: SelfTestParts, options: SelfTestOptions): Promise<SelfTestReport> {
  rejectUnknown(options, ['timeoutMs'])
  const timeoutMs = integerOption(options.timeoutMs ?? 5_000, 'timeoutMs', 1, 60_000)
  const { clock } = parts
  const startedAt = clock.now()
  const checks: SelfTestCheck[] = []
  const check = async (name: SelfTestCheck['name'], look: () => Promise<string | null>): Promise<void> => {
    const began = clock.now()
    const leftMs = Math.max(1, startedAt + timeoutMs - began)
    const { status, detail } = await within(clock, leftMs, look)
    checks.push({ name, status, tookMs: Math.max(0, clock.now() - began), detail })
  }
  await checkStore(parts, check)
  await check('clock', () => checkClock(parts))
  await checkRun(parts, check)
  return {
    ok: checks.every(({ status }) => status !== 'failed'),
    tookMs: Math.max(0, clock.now() - startedAt),
    checks,
  }
}

type Check = (name: SelfTestCheck['name'], look: () => Promise<string | null>) => Promise<void>

async function checkStore(parts: SelfTestParts, check: Check): Promise<void> {
  const { store, clock } = parts
  const record = probeRecord(parts)
  await check('store', async () => {
    await parts.ready()
    const [written] = await store.tasks.write([{ previous: null, next: record, attempt: null, logs: [] }])
    if (written instanceof TaskError) throw written
    const found = await store.tasks.get(record.taskId)
    return found?.args === record.args ? null : 'What was written was not read back'
  })
  await check('reader', async () => {
    const detail = await store.views.detail(record.taskId)
    return detail?.record.taskId === record.taskId ? null : 'The dashboard’s connection does not see what was written'
  })
  const { status } = await within(clock, cleanUpMs, async () => {
    await store.tasks.delete(record.taskId)
    return (await store.tasks.get(record.taskId)) ? 'still there' : null
  })
  if (status === 'failed') await check('store', async () => 'The task of the test could not be deleted')
}

/** A task that has ended already: nobody runs it. */
function probeRecord({ mint, clock }: SelfTestParts): TaskRecord {
  const taskId = mint.ids.next(clock.now())
  const createdAt = mint.ids.instant
  const ended = { status: 'cancelled', endTime: createdAt } as const
  const request = { funcName: probeName, queue: probeName, maxRetries: 0, ...ended }
  return createRecord(request, { taskId, createdAt, args: packArgs([taskId]) })
}

async function checkClock({ store, clock, mint, ready }: SelfTestParts): Promise<string | null> {
  await ready()
  const now = clock.now()
  const back = mint.ids.instant - now
  if (back > skewMs) return `The clock was set back by ${back} ms`
  const workers = await store.workers.list()
  const ahead = Math.max(0, ...workers.map(({ heartbeatAt }) => heartbeatAt - now))
  return ahead > skewMs ? `The clock of another process is ${ahead} ms ahead` : null
}

async function checkRun(parts: SelfTestParts, check: Check): Promise<void> {
  const { mint, dispatcher, presence, clock } = parts
  let taskId: string | null = null
  await check('run', async () => {
    await parts.ready()
    if (presence.beatAt === null) throw new Skip('This process is not started')
    dispatcher.add(probe)
    const token = mint.ids.next(clock.now())
    taskId = (await mint.record(probe, { ...probe.request, priority: mostUrgent }, packArgs([token]))).taskId
    const { status, result } = await parts.wait(taskId)
    if (status !== 'success') return `The task ended as ${status}`
    return result === JSON.stringify(token) ? null : 'The result was not read back'
  })
  if (taskId === null) return
  const { status } = await within(clock, cleanUpMs, () => remove(parts, taskId as unknown as string))
  if (status === 'failed') await check('run', async () => 'The task of the test could not be deleted')
}

const probe: Definition = parseDefinition(probeName, { queue: probeName }, (token: unknown) => token)

async function remove({ source, wait }: SelfTestParts, taskId: string): Promise<null> {
  const act = { actor: 'the self-test', reason: null }
  const deleted = await source.delete(taskId, act).then(
    () => true,
    () => false,
  )
  if (deleted) return null
  await source.cancel(taskId, act)
  await wait(taskId)
  await source.delete(taskId, act)
  return null
}

/** Says that a check does not apply. */
class Skip extends Error {}

type Verdict = Pick<SelfTestCheck, 'status' | 'detail'>

function within(clock: Clock, limitMs: number, look: () => Promise<string | null>): Promise<Verdict> {
  return new Promise((resolve) => {
    const callOff = clock.after(limitMs, () =>
      resolve({ status: 'failed', detail: `No answer within ${Math.round(limitMs)} ms` }),
    )
    const done = (verdict: Verdict): void => {
      callOff()
      resolve(verdict)
    }
    const act = async (): Promise<string | null> => look()
    act().then(
      (detail) => done({ status: detail === null ? 'ok' : 'failed', detail }),
      (error: unknown) => done({ status: error instanceof Skip ? 'skipped' : 'failed', detail: wordsOf(error) }),
    )
  })
}

function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
