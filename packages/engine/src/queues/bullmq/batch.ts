import type { JobType, Queue } from 'bullmq'
import type { TaskRecord } from '../../core/record.ts'
import { jobOf, priorityOf, taskIdsOf, type JobTerms, type NewJob } from './job.ts'

/** What the id of a job begins with that several tasks share. */
const prefix = 'batch-'
/** Ids of jobs in one state that are read at most, and jobs that tasks share among them. */
const mostIds = 20_000
const mostBatches = 2_000
/** Jobs that are read in one go. */
const readAtOnce = 200
/** Where a job may be that has not ended. */
const unended: JobType[] = ['active', 'wait', 'prioritized', 'delayed']

/**
 * The jobs of new tasks at one place. Up to `tasksPerJob` of them share one, if they are of one function, have the same
 * priority and wait for no instant.
 */
export function jobsOf(records: readonly TaskRecord[], tasksPerJob: number, terms: JobTerms): readonly NewJob[] {
  if (tasksPerJob === 1) return records.map((record) => jobOf(record, terms))
  const jobs: NewJob[] = []
  const alike = new Map<string, TaskRecord[]>()
  for (const record of records) {
    if (record.runAt !== null && record.runAt > terms.now) {
      jobs.push(jobOf(record, terms))
      continue
    }
    const key = `${priorityOf(record)} ${record.funcName}`
    const group = alike.get(key) ?? []
    group.push(record)
    alike.set(key, group)
  }
  for (const group of alike.values()) {
    for (let from = 0; from < group.length; from += tasksPerJob) {
      jobs.push(shared(group.slice(from, from + tasksPerJob), terms))
    }
  }
  return jobs
}

/** One job, made like that of the first of them. What fails is tried again by a job of its own: this one has one attempt. */
function shared(records: readonly TaskRecord[], terms: JobTerms): NewJob {
  const [first] = records
  if (first === undefined) throw new RangeError('A job needs a task')
  const job = jobOf(first, terms)
  if (records.length === 1) return job
  const { attempts: _attempts, backoff: _backoff, ...opts } = job.opts
  return {
    name: job.name,
    data: { taskIds: records.map(({ taskId }) => taskId) },
    // Adding the same once more adds nothing; another number of tasks is another job.
    opts: { ...opts, jobId: `${prefix}${first.taskId}-${records.length}` },
  }
}

/** Which waiting tasks share a job with others, and so have none of their own. Read only when one is missing: once for each queue. */
export class Batches {
  readonly #members = new Map<string, Promise<ReadonlySet<string> | null>>()

  /** Whether the task may be in such a job: it is, or there are more of them than are read. */
  async mayHold(queue: Queue, taskId: string): Promise<boolean> {
    const known = this.#members.get(queue.name) ?? membersOf(queue)
    this.#members.set(queue.name, known)
    const members = await known
    return members === null || members.has(taskId)
  }
}

/** Null when there are too many. Where the first jobs are all of one task, none is taken to be shared. */
async function membersOf(queue: Queue): Promise<ReadonlySet<string> | null> {
  const ids = await queue.getRanges(unended, 0, mostIds - 1)
  const batches = ids.filter((id) => id.startsWith(prefix))
  if (batches.length > mostBatches || (batches.length > 0 && ids.length >= mostIds)) return null
  const members = new Set<string>()
  for (let from = 0; from < batches.length; from += readAtOnce) {
    const jobs = await Promise.all(batches.slice(from, from + readAtOnce).map((id) => queue.getJob(id)))
    for (const job of jobs) for (const taskId of taskIdsOf(job?.data) ?? []) members.add(taskId)
  }
  return members
}
