import { terminalStatuses } from '@taskloom/protocol'
import type { Clock } from '../core/clock.ts'
import type { Dispatcher } from '../queues/queue.ts'
import type { Registry } from '../run/registry.ts'
import { probeName } from '../run/self-test.ts'
import type { Meter, MeterAnswer, MeterName, MeterSpread, Store } from '../stores/store.ts'
import { formatFamilies, type Family, type Labels, type Sample } from './prometheus-text.ts'

/** Functions and queues with figures of their own. Each makes some forty lines. */
const maxNamed = 100
/** Stands for every function and queue beyond. */
const othersName = '(other)'
const bounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60, 300, 1_800]
const boundsMs = bounds.map((seconds) => seconds * 1_000)

export interface ExpositionParts {
  readonly store: Store
  readonly clock: Clock
  readonly registry: Registry
  readonly dispatcher: Dispatcher
}

/** Everything that one store and this process have to tell a monitoring system. */
export class Exposition {
  /**
   * Once named, always named while the process lives: a series that moved between its name and the others would look
   * like work that was never done.
   */
  readonly #named = new Map<string, MeterName>()
  readonly #sums = new Map<string, number>()

  constructor(private readonly parts: ExpositionParts) {}

  async text(): Promise<string> {
    const { store, clock, registry } = this.parts
    const now = clock.now()
    for (const { name, request } of registry.definitions()) this.#name({ funcName: name, queue: request.queue })
    // The self-test's own tasks take nobody's place and are left out.
    const named = [...this.#named.values(), { funcName: probeName, queue: probeName }]
    const [answer, workers] = await Promise.all([
      store.views.meters({ now, boundsMs, named, limit: maxNamed + 1 }),
      store.workers.list(),
    ])
    const meters = answer.meters.filter(({ funcName }) => funcName !== probeName)
    for (const meter of meters) this.#name(meter)
    const rows: Row[] = meters.map((meter) => [labelsOf(meter), meter])
    if (answer.others) rows.push([{ function: othersName, queue: othersName }, answer.others])
    const alive = workers.filter(({ leaseUntil }) => leaseUntil > now).length
    return formatFamilies([...this.#byName(rows), ...this.#ofStore(answer, now, alive), ...this.#ofProcess()])
  }

  #name({ funcName, queue }: MeterName): void {
    if (this.#named.size < maxNamed) this.#named.set(JSON.stringify([funcName, queue]), { funcName, queue })
  }

  #byName(rows: readonly Row[]): readonly Family[] {
    const each = (read: (meter: Meter) => number) =>
      rows.map(([labels, meter]): Sample => ({ labels, value: read(meter) }))
    const spread = (name: string, help: string, read: (meter: Meter) => MeterSpread): Family => {
      const samples = rows.flatMap(([labels, meter]) => this.#histogram(name, labels, read(meter)))
      return { name, help, type: 'histogram', samples }
    }
    const endings = rows.flatMap(([labels, { ended }]) =>
      terminalStatuses.map((status): Sample => ({ labels: { ...labels, status }, value: ended[status] })),
    )
    return [
      counter('taskloom_tasks_ended_total', 'Tasks that ended, by how; deleted ones stay counted.', endings),
      counter(
        'taskloom_task_retries_total',
        'Attempts made anew after one that failed.',
        each(({ retries }) => retries),
      ),
      spread(
        'taskloom_task_duration_seconds',
        'How long the tasks that ended ran, in their last attempt.',
        ({ duration }) => duration,
      ),
      spread(
        'taskloom_task_wait_seconds',
        'How long the tasks that ended had been due before they started.',
        ({ wait }) => wait,
      ),
      gauge(
        'taskloom_tasks_pending',
        'Tasks that wait, delayed and retrying ones among them.',
        each(({ pending }) => pending),
      ),
      gauge(
        'taskloom_tasks_running',
        'Tasks that run.',
        each(({ running }) => running),
      ),
      gauge(
        'taskloom_dead_letters',
        'Failed tasks that are kept.',
        each(({ deadLetters }) => deadLetters),
      ),
    ]
  }

  #histogram(name: string, labels: Labels, { steps, sumMs }: MeterSpread): readonly Sample[] {
    let count = 0
    const buckets = steps.map((step, index): Sample => {
      count += step
      return { suffix: '_bucket', labels: { ...labels, le: String(bounds[index] ?? '+Inf') }, value: count }
    })
    const sum = this.#steady(name + JSON.stringify(labels), sumMs)
    return [...buckets, { suffix: '_sum', labels, value: toSeconds(sum) }, { suffix: '_count', labels, value: count }]
  }

  /** What is added in another order differs in its last digits; a sum that fell by them would look like a restart. */
  #steady(key: string, sum: number): number {
    const before = this.#sums.get(key) ?? 0
    const steady = sum < before && before - sum < 1e-6 * before ? before : sum
    this.#sums.set(key, steady)
    return steady
  }

  #ofStore({ delayed, oldestDueAt, sizeBytes }: MeterAnswer, now: number, workers: number): readonly Family[] {
    const ageMs = oldestDueAt === null ? 0 : Math.max(0, now - oldestDueAt)
    const size = gauge('taskloom_store_size_bytes', 'Size of the database file.', single(sizeBytes ?? 0))
    return [
      gauge('taskloom_tasks_delayed', 'Pending tasks that are due later.', single(delayed)),
      gauge(
        'taskloom_oldest_pending_age_seconds',
        'How long the task that is due the longest has been waiting; 0 when none waits.',
        single(toSeconds(ageMs)),
      ),
      gauge('taskloom_workers', 'Processes that are alive and run tasks of this store.', single(workers)),
      ...(sizeBytes === null ? [] : [size]),
    ]
  }

  #ofProcess(): readonly Family[] {
    const { running, concurrency } = this.parts.dispatcher
    return [
      gauge('taskloom_process_slots', 'Tasks that this process may run at once.', single(concurrency)),
      gauge('taskloom_process_slots_in_use', 'Tasks that this process runs.', single(running)),
    ]
  }
}

type Row = readonly [Labels, Meter]

function counter(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: 'counter', samples }
}

function gauge(name: string, help: string, samples: readonly Sample[]): Family {
  return { name, help, type: 'gauge', samples }
}

function single(value: number): readonly Sample[] {
  return [{ labels: {}, value }]
}

function labelsOf({ funcName, queue }: MeterName): Labels {
  return { function: labelOf(funcName), queue: labelOf(queue) }
}

/** A name that is our own word for the others is told apart from it. */
function labelOf(name: string): string {
  return name === othersName ? `"${name}"` : name
}

function toSeconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000_000
}
