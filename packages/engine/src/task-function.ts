import type { EnqueueOptions } from './core/request.ts'
import type { HostConnection } from './stores/host-transactions.ts'

/** What enqueueing gives. */
export interface Enqueued {
  /** The task’s id. */
  readonly id: string
  /** True when a task with the same idempotency key was there already: `id` is that task's. */
  readonly deduplicated: boolean
}

/** What `define` gives: still the plain function, and a way to run it in the background. */
export interface TaskFunction<A extends readonly unknown[], R> {
  /** Calls the plain function here and now, without a task. */
  (...args: A): R
  /** The name it was defined with. */
  readonly name: string
  /** Stores a task; durable when it resolves. Rejects with a `TaskError`: `bad_argument`, `store_failed`, `shut_down`. */
  enqueue(...args: A): Promise<Enqueued>
  /** Stores a task inside the transaction that is open on `db`; see {@link TaskManager.enqueueIn}. */
  enqueueIn(db: HostConnection, ...args: A): Enqueued
  /** The same with options of this one task. */
  with(options: EnqueueOptions): BoundTask<A>
}

/** A function together with options for the tasks that it enqueues. */
export interface BoundTask<A extends readonly unknown[]> {
  /** Stores a task with these options; rejects as {@link TaskFunction.enqueue}, and with `bad_option`. */
  enqueue(...args: A): Promise<Enqueued>
  /** Stores a task with these options inside the transaction that is open on `db`; see {@link TaskManager.enqueueIn}. */
  enqueueIn(db: HostConnection, ...args: A): Enqueued
}

type Enqueue = (name: string, args: readonly unknown[], options?: EnqueueOptions) => Promise<Enqueued>
type EnqueueIn = (db: HostConnection, name: string, args: readonly unknown[], options?: EnqueueOptions) => Enqueued

export function createTaskFunction<A extends readonly unknown[], R>(
  name: string,
  run: (...args: A) => R,
  enqueue: Enqueue,
  enqueueIn: EnqueueIn,
): TaskFunction<A, R> {
  // A function of its own: the host's stays as it is, whatever it is used for besides.
  const call = (...args: A): R => run(...args)
  return Object.defineProperties(call, {
    name: { value: name },
    enqueue: { value: (...args: A) => enqueue(name, args) },
    enqueueIn: { value: (db: HostConnection, ...args: A) => enqueueIn(db, name, args) },
    with: {
      value: (options: EnqueueOptions): BoundTask<A> => ({
        enqueue: (...args) => enqueue(name, args, options),
        enqueueIn: (db, ...args) => enqueueIn(db, name, args, options),
      }),
    },
  }) as TaskFunction<A, R>
}
