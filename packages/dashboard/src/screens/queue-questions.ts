import type { Command } from '@taskloom/client'
import { routes } from '@taskloom/protocol'
import type { ConfirmQuestion } from '../elements/confirm-dialog.ts'
import type { Formats } from '../format.ts'
import type { QueueRow } from './queue-rows.ts'

/** What can be done with queues. */
export type QueueVerb = 'pause' | 'resume' | 'drain'

/** What an operator is asked before it is done. */
export function queueQuestion(verb: QueueVerb, rows: readonly QueueRow[], formats: Formats): ConfirmQuestion {
  const { say, sayCount } = formats
  const [first] = rows
  const name = (first?.name ?? '').slice(0, 80)
  const isOne = rows.length === 1
  switch (verb) {
    case 'pause':
      return {
        heading: isOne
          ? say('Pause {queue}?', { queue: name })
          : sayCount(rows.length, 'Pause {n} queue?', 'Pause {n} queues?'),
        text: say(
          'Nothing of it starts any more, in any process and over restarts. What runs goes on; new tasks wait.',
        ),
        warning: null,
        word: say('Pause'),
        isDanger: false,
        asksReason: true,
      }
    case 'resume':
      return {
        heading: isOne
          ? say('Resume {queue}?', { queue: name })
          : sayCount(rows.length, 'Resume {n} queue?', 'Resume {n} queues?'),
        text: sayCount(waiting(rows), '{n} task waits and may start.', '{n} tasks wait and may start.'),
        warning: null,
        word: say('Resume'),
        isDanger: false,
        asksReason: true,
      }
    case 'drain':
      return {
        heading: sayCount(
          first?.pending ?? 0,
          'Cancel the {n} task that waits in {queue}?',
          'Cancel all {n} tasks that wait in {queue}?',
          { queue: name },
        ),
        text: say('They are cancelled in the background, also those that come meanwhile. What runs goes on.'),
        warning: say('Cancelled tasks are not run by themselves any more.'),
        word: say('Drain'),
        isDanger: true,
        asksReason: true,
      }
  }
}

/** The command that does it with one queue; `isLast` tells of all `count` of them. */
export function queueCommand(
  verb: QueueVerb,
  name: string,
  { reason, isLast, count }: { readonly reason: string; readonly isLast: boolean; readonly count: number },
): Command {
  const shared = { at: { name }, body: reason === '' ? {} : { reason }, key: `${verb}-queue:${name}` }
  const queue = name.slice(0, 80)
  switch (verb) {
    case 'pause': {
      const many = { text: '{n} queues are paused', one: '{n} queue is paused', values: { n: count } }
      const done = count === 1 ? { text: '{queue} is paused', values: { queue } } : many
      return {
        ...shared,
        route: routes.pauseQueue,
        action: 'queue_pause',
        done: isLast ? done : null,
        hints: ['queues'],
      }
    }
    case 'resume': {
      const many = { text: '{n} queues go on', one: '{n} queue goes on', values: { n: count } }
      const done = count === 1 ? { text: '{queue} goes on', values: { queue } } : many
      return {
        ...shared,
        route: routes.resumeQueue,
        action: 'queue_pause',
        done: isLast ? done : null,
        hints: ['queues'],
      }
    }
    case 'drain': {
      const done = { text: 'Draining {queue} has begun: see Operations', values: { queue } }
      return { ...shared, route: routes.drainQueue, action: 'queue_drain', done, hints: ['queues', 'operations'] }
    }
  }
}

function waiting(rows: readonly QueueRow[]): number {
  return rows.reduce((sum, { pending }) => sum + pending, 0)
}
