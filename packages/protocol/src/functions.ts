import {
  array,
  boolean,
  dictionary,
  instant,
  integer,
  json,
  nullable,
  object,
  optional,
  seconds,
  string,
  type Infer,
} from './codec.ts'
import { taskSummary } from './task.ts'
import { functionView } from './views.ts'

/** Codec of {@link RateLimitView}. */
export const rateLimitView = object({
  /** Attempts in each `per`. */
  max: integer,
  /** How long that is. */
  per: seconds,
})
/** How often attempts may start in the process that answers. */
export type RateLimitView = Infer<typeof rateLimitView>

/** Codec of {@link FunctionEntry}. */
export const functionEntry = object({
  ...functionView.fields,
  /** What it does, in the words of who defined it; null without. */
  description: optional(nullable(string)),
  /** How often its attempts start in the process that answers; null without limit. */
  rateLimit: optional(nullable(rateLimitView)),
  /** How many tasks of all functions may wait; null without limit. */
  maxPending: optional(nullable(integer)),
  /** A task that was interrupted so often is not queued again by itself. */
  maxInterruptions: optional(integer),
  /** Whether a function of its own decides how long to wait before the next attempt. */
  hasRetryPolicy: optional(boolean),
  /** Whether a function of its own decides which errors are worth another attempt. */
  hasRetryIf: optional(boolean),
  /** Whether a schema looks at the arguments when they are enqueued. */
  checksArgs: optional(boolean),
  /** Whether `GET functions/{name}` has a schema that a form can be made of. */
  hasArgsSchema: optional(boolean),
  /** Paths of arguments that nobody is shown. */
  redact: optional(array(string)),
  /** How many live processes define it. */
  registeredIn: optional(integer),
  /** How many live processes have said what they define. */
  liveWorkers: optional(integer),
  /** Whether some live processes define it and others do not. */
  drift: optional(boolean),
})
/** A function with all that can be said of it where it is defined. What a source does not know is left out. */
export type FunctionEntry = Infer<typeof functionEntry>

/** Codec of {@link FunctionDetail}. */
export const functionDetail = object({
  ...functionEntry.fields,
  /**
   * A JSON Schema of the list of arguments, for a form; null where none was given and the schema that checks them cannot
   * be written as one.
   */
  argsSchema: nullable(json),
})
/** A function with the schema of its arguments. */
export type FunctionDetail = Infer<typeof functionDetail>

/** Codec of {@link EnqueueIssue}. */
export const enqueueIssue = object({
  /** Where: `[0].email` in the arguments, `options.delay` in the options; empty for the arguments as a whole. */
  path: string,
  /** What is wrong there, in words. */
  message: string,
})
/** What is wrong with what was to be enqueued. */
export type EnqueueIssue = Infer<typeof enqueueIssue>

/** What `POST functions/{name}/enqueue` reads. */
export const enqueueBody = object({
  /** The arguments of the call; none by default, those of the original for a clone. */
  args: optional(array(json)),
  /** As for `enqueue` of the application. */
  options: optional(
    object({
      idempotencyKey: optional(string),
      tags: optional(dictionary(string)),
      priority: optional(integer),
      /** Seconds. */
      delay: optional(seconds),
      runAt: optional(instant),
      queue: optional(string),
      user: optional(string),
      affected: optional(array(string)),
      locks: optional(array(string)),
    }),
  ),
  /**
   * A task of the same function. What the arguments leave as it was shown there, hidden parts too, is taken as it is;
   * tags, priority, queue, `affected` and locks are the original's unless `options` say otherwise.
   */
  clonedFrom: optional(string),
  /** Whether arguments and options are looked at and nothing is enqueued. */
  dryRun: optional(boolean),
  /** Why, for the audit log. */
  reason: optional(string),
})

/** Codec of {@link EnqueueAnswer}. */
export const enqueueAnswer = object({
  /** Its id; absent for a dry run. */
  taskId: optional(string),
  /** As it is now; absent for a dry run. */
  task: optional(taskSummary),
  /** In a dry run: whether it would be enqueued, as far as arguments and options tell. */
  valid: optional(boolean),
  /** In a dry run: what is wrong; empty where nothing is. */
  issues: optional(array(enqueueIssue)),
})
/** The task that was enqueued, or what a dry run came to. */
export type EnqueueAnswer = Infer<typeof enqueueAnswer>
