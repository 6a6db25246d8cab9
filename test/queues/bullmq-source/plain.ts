import { FlowProducer, Queue, Worker, createPostgresBackend } from 'bullmq'
import { Redis } from 'ioredis'

/** Queues as an application has them that knows nothing of us, on Redis or PostgreSQL. */
export interface PlainQueues {
  readonly names: readonly string[]
  /** Works off `mail`, `billing` and `pages` until they are empty. */
  work(): Promise<void>
  queue(name: string): Queue
  close(): Promise<void>
}

export const queueNames = ['mail', 'billing', 'pages', 'reports'] as const
/** A worker of `mail` has a name, as they can have. */
export const workerName = 'mailer-1'

export function plainQueues(url: string): PlainQueues {
  const isPostgres = url.startsWith('postgres')
  const client = isPostgres ? null : new Redis(url, { maxRetriesPerRequest: null })
  const connection = { connectionString: url, migrate: true }
  const queues = new Map(
    queueNames.map((name) => [
      name as string,
      isPostgres
        ? (new Queue(name, { connection }, createPostgresBackend) as unknown as Queue)
        : new Queue(name, { connection: client! }),
    ]),
  )
  for (const queue of queues.values()) queue.on('error', () => undefined)
  const workers: Worker[] = []
  const worker = (
    name: string,
    act: (data: { readonly order?: number }) => unknown,
    options: { name?: string } = {},
  ) => {
    const settings = { ...options, concurrency: 50 }
    const made = isPostgres
      ? (new Worker(
          name,
          async ({ data }) => act(data as { readonly order?: number }),
          { ...settings, connection },
          createPostgresBackend,
        ) as unknown as Worker)
      : new Worker(name, async ({ data }) => act(data as { readonly order?: number }), {
          ...settings,
          connection: client!,
        })
    made.on('error', () => undefined)
    workers.push(made)
  }
  return {
    names: queueNames,
    queue: (name) => queues.get(name)!,
    async work() {
      worker('mail', () => ({ sent: true }), { name: workerName })
      worker('billing', ({ order }) => {
        throw new RangeError(`no account for order ${order}`)
      })
      worker('pages', () => 'drawn')
      for (const name of ['mail', 'billing', 'pages']) await untilWorkedOff(queues.get(name)!)
    },
    async close() {
      await Promise.all(workers.map((one) => one.close()))
      await Promise.all([...queues.values()].map((one) => one.close()))
      client?.disconnect()
    },
  }
}

/** Until nothing is left but what is delayed for long. */
async function untilWorkedOff(queue: Queue): Promise<void> {
  for (;;) {
    const { waiting = 0, active = 0, prioritized = 0 } = await queue.getJobCounts('waiting', 'active', 'prioritized')
    const delayed = await queue.getDelayed(0, 500)
    const soon = delayed.filter(({ delay }) => delay < 10_000)
    if (waiting + active + prioritized + soon.length === 0) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** `count` jobs of mail, failures with retries, delayed and prioritized jobs, a flow, logs, progress and job schedulers. */
export async function fill(plain: PlainQueues, url: string, count: number): Promise<void> {
  const mail = plain.queue('mail')
  for (let added = 0; added < count; added += 1_000) {
    await mail.addBulk(
      Array.from({ length: Math.min(1_000, count - added) }, (_, index) => ({
        name: 'send_mail',
        data: { to: `user${added + index}@example.com`, password: 'hunter2' },
      })),
    )
  }
  await mail.add('remind', { to: 'later' }, { delay: 3_600_000, jobId: 'reminder' })
  const billing = plain.queue('billing')
  await billing.addBulk(
    Array.from({ length: 20 }, (_, order) => ({
      name: 'charge_card',
      data: { order },
      opts: { attempts: 2, backoff: { type: 'fixed', delay: 20 } },
    })),
  )
  const flow = flowProducer(url)
  await flow.producer.add({
    name: 'build_report',
    queueName: 'reports',
    data: { year: 2026 },
    opts: { jobId: 'annual' },
    children: [1, 2, 3].map((page) => ({
      name: 'draw_page',
      queueName: 'pages',
      data: { page },
      ...(page === 3 ? { opts: { delay: 3_600_000 } } : {}),
    })),
  })
  await flow.close()
  const reports = plain.queue('reports')
  await reports.add('weekly', { week: 1 }, { priority: 7 })
  const logged = await reports.add('monthly', { month: 1 })
  await logged.log('first line')
  await logged.log('second line')
  await logged.updateProgress({ percent: 40, message: 'half way' })
  await reports.upsertJobScheduler(
    'nightly',
    { pattern: '0 3 * * *', tz: 'Europe/Berlin' },
    { name: 'clean_up', data: {} },
  )
  await reports.upsertJobScheduler('pulse', { every: 3_600_000 }, { name: 'beat', data: { n: 1 } })
  await plain.work()
}

function flowProducer(url: string) {
  if (url.startsWith('postgres')) {
    const connection = { connectionString: url, migrate: true }
    const producer = new FlowProducer({ connection }, createPostgresBackend) as unknown as FlowProducer
    return { producer, close: () => producer.close() }
  }
  const client = new Redis(url, { maxRetriesPerRequest: null })
  const producer = new FlowProducer({ connection: client })
  const close = async (): Promise<void> => {
    await producer.close()
    client.disconnect()
  }
  return { producer, close }
}
