import type { FunctionEntry } from '@taskloom/protocol'
import { roundWords } from '../../figures/scale.ts'
import type { Formats } from '../../format.ts'

/** A word or two about how a function is configured, and what they mean. */
export interface Badge {
  readonly word: string
  readonly title: string
}

/** What a function was defined with; what is usual is left out. Pure. */
export function configuration(view: FunctionEntry, formats: Formats): readonly Badge[] {
  const { say, count } = formats
  const duration = (ms: number) => roundWords(formats.duration(ms))
  const badges: (Badge | null | undefined | false)[] = [
    { word: say('queue {name}', { name: view.queue.slice(0, 60) }), title: say('Where its tasks wait') },
    { word: view.executor, title: say('Where it runs: in this process, in a thread, or in a process of its own') },
    { word: retryWords(view, formats), title: say('What happens when an attempt fails') },
    view.hasRetryPolicy && {
      word: say('own retry policy'),
      title: say('Code decides how long to wait before the next attempt'),
    },
    view.hasRetryIf && {
      word: say('own retry test'),
      title: say('Code decides which errors are worth another attempt'),
    },
    view.timeout !== null && {
      word: say('timeout {span}', { span: duration(view.timeout) }),
      title: say('An attempt is ended after this'),
    },
    view.priority !== null && {
      word: say('priority {n}', { n: count(view.priority) }),
      title: say('Higher runs first; usual is 0'),
    },
    view.concurrency !== null && {
      word: say('{n} at once', { n: count(view.concurrency) }),
      title: say('No more of its tasks run at the same time in a process'),
    },
    view.rateLimit && {
      word: say('{n} per {span}', { n: count(view.rateLimit.max), span: duration(view.rateLimit.per) }),
      title: say('No more attempts start in this time'),
    },
    typeof view.maxPending === 'number' && {
      word: say('at most {n} waiting', { n: count(view.maxPending) }),
      title: say('More are refused, over all functions'),
    },
    view.schedule !== null && {
      word: say('schedule {name}', { name: view.schedule.slice(0, 80) }),
      title: say('Runs by the clock: see Schedules'),
    },
    !view.persist && { word: say('not kept'), title: say('Its tasks are gone when the process ends') },
    view.eager && {
      word: say('eager'),
      title: say('Its tasks start before the response to the request that asked for them'),
    },
    view.requeueOnInterrupt && {
      word: say('queued again when interrupted'),
      title:
        view.maxInterruptions === undefined
          ? say('A task whose process died waits again')
          : say('A task whose process died waits again, up to {n} times', { n: count(view.maxInterruptions) }),
    },
    view.checksArgs && {
      word: say('checks arguments'),
      title: say('A schema looks at the arguments when a task is enqueued'),
    },
    (view.redact ?? []).length > 0 && {
      word: say('hides {n}', { n: count((view.redact ?? []).length) }),
      title: say('Arguments that nobody is shown: {paths}', { paths: (view.redact ?? []).join(', ').slice(0, 300) }),
    },
  ]
  return badges.filter((badge): badge is Badge => Boolean(badge))
}

function retryWords({ retries, delay, backoff, maxDelay, jitter }: FunctionEntry, formats: Formats): string {
  const { say, sayCount, count } = formats
  const duration = (ms: number) => roundWords(formats.duration(ms))
  if (retries === 0) return say('no retries')
  const words = [sayCount(retries, '{n} retry', '{n} retries')]
  if (delay > 0) words.push(say('after {span}', { span: duration(delay) }))
  if (delay > 0 && backoff !== 1) words.push(`× ${count(backoff)}`)
  if (maxDelay !== null) words.push(say('up to {span}', { span: duration(maxDelay) }))
  if (jitter) words.push(say('jittered'))
  return words.join(' ')
}
