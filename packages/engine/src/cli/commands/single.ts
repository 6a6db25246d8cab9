import type { TaskAnswer } from '@taskloom/protocol'
import { some, type Call, type Command } from '../command.ts'
import { doEach } from '../each.ts'
import type { ExitCode } from '../exit.ts'
import { connecting } from '../options.ts'
import { reasonBody } from '../reason.ts'
import { safeText } from '../text.ts'

/** `taskloom retry` */
export const retry: Command = {
  name: 'retry',
  operands: 'ID…',
  count: some,
  words: 'enqueue failed or interrupted tasks anew',
  options: ['reason', 'work', ...connecting],
  run: retryTasks,
}

/** `taskloom cancel` */
export const cancel: Command = {
  name: 'cancel',
  operands: 'ID…',
  count: some,
  words: 'call off tasks that wait, ask running ones to stop',
  options: ['reason', ...connecting],
  run: cancelTasks,
}

async function retryTasks(call: Call): Promise<ExitCode> {
  const server = await call.connect()
  const minted: string[] = []
  const exitCode = await doEach(call, server, call.input.operands, {
    verb: 'Retrying',
    sum: null,
    async act(taskId) {
      const { wire, value } = await server.ask('retry', { at: { task_id: taskId }, body: reasonBody(call.input) })
      minted.push(value.taskId)
      return { wire, words: `retried as ${safeText(value.taskId)}` }
    },
  })
  if (minted.length === 0) return exitCode
  if (call.input.has('work')) await server.work(minted)
  else if (server.kind === 'local') await call.print.note('It runs as soon as a worker of the application takes it')
  return exitCode
}

async function cancelTasks(call: Call): Promise<ExitCode> {
  const server = await call.connect()
  const exitCode = await doEach(call, server, call.input.operands, {
    verb: 'Cancelling',
    sum: null,
    async act(taskId) {
      const { wire, value } = await server.ask('cancel', { at: { task_id: taskId }, body: reasonBody(call.input) })
      return { wire, words: cancelWords(value) }
    },
  })
  return exitCode
}

function cancelWords({ task }: TaskAnswer): string {
  return task.status === 'cancelled' ? 'cancelled' : `is ${safeText(task.status)}, and asked to stop`
}
