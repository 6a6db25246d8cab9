import { setTimeout } from 'node:timers/promises'
import type { Json } from '@taskloom/protocol'
import type { Call } from '../command.ts'
import { confirm } from '../confirm.ts'
import { stoppedAfter } from '../each.ts'
import { exitCodes, type ExitCode } from '../exit.ts'
import { startProgress } from '../progress.ts'
import { reasonBody } from '../reason.ts'
import type { Server } from '../server.ts'
import { nameAt, numberAt, textAt, type WireRow } from '../wire.ts'
import { tasksWords } from '../words.ts'

/** Cancels what waits in a queue, and waits until that is done. */
export async function drainQueue(call: Call): Promise<ExitCode> {
  const { input, print } = call
  const [name = ''] = input.operands
  const server = await call.connect()
  const params = new URLSearchParams({ queue: name, status: 'pending', limit: '1' })
  const { total } = (await server.ask('list', { params })).value
  await confirm(call, `Cancel ${tasksWords(total)} that wait in ${name}`, total)
  const { wire } = await server.ask('drainQueue', { at: { name }, body: reasonBody(input) })
  const operation = await follow(call, server, nameAt(wire as unknown as WireRow, 'operation_id'), total)
  const isDone = textAt(operation, 'status') === 'done' && (numberAt(operation, 'failed') ?? 0) === 0
  await print.answer(operation, () => `Cancelled ${tasksWords(numberAt(operation, 'succeeded') ?? 0)}`)
  return isDone ? exitCodes.ok : exitCodes.failed
}

const pauseMs = 200
const ends: readonly Json[] = ['done', 'failed', 'cancelled']

/** It goes on without us, too: after Ctrl-C a worker of the application comes to its end with it. */
async function follow(call: Call, server: Server, id: string, total: number): Promise<WireRow> {
  const { world } = call
  const progress = startProgress(world, 'Cancelling', total)
  for (;;) {
    const { wire } = await server.ask('operation', { at: { id } })
    const operation = wire as unknown as WireRow
    if (ends.includes(operation['status'] ?? null)) {
      await progress.end()
      return operation
    }
    const done = numberAt(operation, 'done') ?? 0
    await progress.to(done)
    await setTimeout(pauseMs, undefined, { signal: world.signal }).catch(() => undefined)
    if (world.signal.aborted) throw await stoppedAfter(call, done, total)
  }
}
