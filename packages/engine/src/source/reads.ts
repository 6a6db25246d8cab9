import type { Health, HealthCheck, Lineage, TaskDetail, TaskProgress } from '@taskloom/protocol'
import { TaskError } from '../core/errors.ts'
import type { TaskRecord } from '../core/record.ts'
import type { DetailReading } from '../server/source.ts'
import { buildDetail } from './detail.ts'
import { shownData } from './shown-data.ts'
import type { SourceParts } from './parts.ts'

const firstLogLines = 200
const storeAnswersWithinMs = 2_000
const beatIsLateAfterMs = 12_000

export async function readRecord({ store }: Pick<SourceParts, 'store'>, taskId: string): Promise<TaskRecord> {
  const record = await store.tasks.get(taskId)
  if (record) return record
  throw new TaskError('unknown_task', { message: `There is no task ${taskId}`, taskId })
}

export async function readDetail(parts: SourceParts, taskId: string, reading: DetailReading = {}): Promise<TaskDetail> {
  const { store } = parts
  const question = { taskId, after: 0, minLevel: null, text: null, limit: firstLogLines }
  const [stored, page] = await Promise.all([store.views.detail(taskId), store.views.logs(question)])
  if (stored) return buildDetail(stored, page, shownData(parts, stored.record, reading))
  throw new TaskError('unknown_task', { message: `There is no task ${taskId}`, taskId })
}

export async function readLineage({ store }: SourceParts, taskId: string): Promise<Lineage> {
  const found = await store.views.lineage(taskId)
  if (found) return found
  throw new TaskError('unknown_task', { message: `There is no task ${taskId}`, taskId })
}

export async function readProgress(parts: SourceParts, taskId: string): Promise<TaskProgress> {
  const { status, progress, error, version } = await readRecord(parts, taskId)
  return { taskId, status, progress, error, version }
}

/** Never throws: that something is down is the answer. */
export async function readHealth(parts: SourceParts): Promise<Health> {
  const checks = [await checkStore(parts), checkHeartbeat(parts), checkSlots(parts)]
  const status = (['down', 'degraded'] as const).find((word) => checks.some((check) => check.status === word)) ?? 'ok'
  return { status, checks }
}

async function checkStore({ ready, store, clock }: SourceParts): Promise<HealthCheck> {
  const name = 'store'
  let callOff: () => void = () => undefined
  const silence = new Promise<HealthCheck>((resolve) => {
    callOff = clock.after(storeAnswersWithinMs, () =>
      resolve({ name, status: 'down', detail: 'The store does not answer' }),
    )
  })
  const answer = ready()
    .then(() => store.tasks.nextDueAt(clock.now()))
    .then((): HealthCheck => ({ name, status: 'ok', detail: store.name }))
    .catch((error: unknown): HealthCheck => ({ name, status: 'down', detail: whyDown(error) }))
  const check = await Promise.race([answer, silence])
  callOff()
  return check
}

/** Only words that name no path: health is for everybody. */
function whyDown(error: unknown): string {
  return error instanceof TaskError && error.code === 'store_lost' ? error.message : 'The store failed'
}

function checkHeartbeat({ presence, clock }: SourceParts): HealthCheck {
  const name = 'heartbeat'
  if (presence.beatAt === null) return { name, status: 'degraded', detail: 'This process does not run tasks' }
  const ageMs = clock.now() - presence.beatAt
  if (ageMs <= beatIsLateAfterMs) return { name, status: 'ok', detail: null }
  return { name, status: 'degraded', detail: `The last one was ${Math.round(ageMs / 1_000)} s ago` }
}

function checkSlots({ dispatcher }: SourceParts): HealthCheck {
  return { name: 'slots', status: 'ok', detail: `${dispatcher.running} of ${dispatcher.concurrency} in use` }
}
