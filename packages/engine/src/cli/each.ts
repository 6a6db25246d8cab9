import { problem as problemCodec, type Json, type Problem } from '@taskloom/protocol'
import type { Call } from './command.ts'
import { exitCodeOfAll, exitCodes, interruptedError, toFailure, type ExitCode } from './exit.ts'
import { hintFor } from './hint.ts'
import type { Server } from './server.ts'
import { safeText } from './text.ts'
import { startProgress } from './progress.ts'

/** What became of one of several tasks. */
export interface Outcome {
  readonly taskId: string
  /** What the server answered; null when it refused. */
  readonly wire: Json
  readonly problem: Problem | null
  readonly exitCode: ExitCode
}

/** Something that is done with each of several tasks. */
export interface Deed {
  /** `Retrying`, for the line that tells how far it is. */
  readonly verb: string
  readonly act: (taskId: string) => Promise<{ readonly wire: Json; readonly words: string }>
}

/** Does it with one after another; what is refused does not stop the others. Each is told as soon as it is known. */
export async function doEach(call: Call, server: Server, taskIds: readonly string[], deed: Deed) {
  const { print, world } = call
  const progress = startProgress(world, deed.verb, taskIds.length)
  const outcomes: Outcome[] = []
  for (const taskId of taskIds) {
    if (world.signal.aborted) throw interruptedError()
    const { outcome, words } = await doOne(taskId, deed)
    outcomes.push(outcome)
    if (taskIds.length > 1) await progress.to(outcomes.length)
    if (outcome.problem) {
      await progress.end()
      await print.note(`${taskId}: ${words}`)
      // No further one would be answered either.
      if (outcome.exitCode === exitCodes.unreachable) break
      continue
    }
    if (!print.isJson) await print.answer(null, () => `${safeText(taskId)}  ${words}`)
  }
  await progress.end()
  const hint = outcomes.map(({ problem }) => problem && hintFor(problem.code, server)).find(Boolean)
  if (hint) await print.note(hint)
  await print.answer({ results: outcomes.map(toDocument) }, () => '')
  return { outcomes, exitCode: outcomes.length === 0 ? exitCodes.ok : exitCodeOfAll(outcomes.map((o) => o.exitCode)) }
}

async function doOne(taskId: string, { act }: Deed): Promise<{ outcome: Outcome; words: string }> {
  try {
    const { wire, words } = await act(taskId)
    return { outcome: { taskId, wire, problem: null, exitCode: exitCodes.ok }, words }
  } catch (error) {
    const { problem, exitCode } = toFailure(error)
    if (exitCode === exitCodes.interrupted) throw error
    return { outcome: { taskId, wire: null, problem, exitCode }, words: problem.detail ?? problem.title }
  }
}

function toDocument({ taskId, wire, problem }: Outcome): Json {
  if (problem) return { original_task_id: taskId, ok: false, problem: problemCodec.encode(problem) }
  return { original_task_id: taskId, ok: true, ...(wire as object) }
}
