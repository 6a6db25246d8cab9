import { problem as problemCodec, type Json, type Problem } from '@taskloom/protocol'
import type { Call } from './command.ts'
import { exitCodeOfAll, exitCodes, interruptedError, toFailure, type CommandError, type ExitCode } from './exit.ts'
import { hintFor } from './hint.ts'
import type { Server } from './server.ts'
import { safeText } from './text.ts'
import { startProgress } from './progress.ts'
import { countWords, tasksWords } from './words.ts'

/** What became of one of several tasks. */
interface Outcome {
  readonly taskId: string
  /** What the server answered; null when it refused. */
  readonly wire: Json
  readonly problem: Problem | null
  readonly exitCode: ExitCode
}

/** Something that is done with each of several tasks. */
export interface Deed {
  /** `Deleting`, for the line that tells how far it is. */
  readonly verb: string
  /** `Deleted`, for the sum of tasks that nobody named one by one; null to tell of each. */
  readonly sum: string | null
  readonly act: (taskId: string) => Promise<{ readonly wire: Json; readonly words: string }>
}

/** Does it with one after another; what is refused does not stop the others, and is told as soon as it is known. */
export async function doEach(call: Call, server: Server, taskIds: readonly string[], deed: Deed): Promise<ExitCode> {
  const { print } = call
  const outcomes = await actOnEach(call, taskIds, deed)
  const hint = outcomes.map(({ problem }) => problem && hintFor(problem.code, server)).find(Boolean)
  if (hint) await print.note(hint)
  const done = outcomes.filter(({ problem }) => problem === null).length
  const sum = deed.sum === null ? '' : `${deed.sum} ${tasksWords(done)}`
  await print.answer({ results: outcomes.map(toDocument) }, () => sum)
  return exitCodeOfAll(outcomes.map(({ exitCode }) => exitCode))
}

async function actOnEach(call: Call, taskIds: readonly string[], deed: Deed): Promise<readonly Outcome[]> {
  const { print, world } = call
  const isTold = deed.sum === null && !print.isJson
  const progress = startProgress(world, deed.verb, isTold ? null : taskIds.length)
  const outcomes: Outcome[] = []
  for (const taskId of taskIds) {
    if (world.signal.aborted) throw await stoppedAfter(call, outcomes.length, taskIds.length)
    const { outcome, words } = await doOne(taskId, deed)
    if (outcome.exitCode === exitCodes.interrupted) throw await stoppedAfter(call, outcomes.length, taskIds.length)
    outcomes.push(outcome)
    await progress.to(outcomes.length)
    if (outcome.problem) {
      await progress.end()
      await print.note(`${taskId}: ${words}`)
    } else if (isTold) await print.answer(null, () => `${safeText(taskId)}  ${words}`)
    // No further one would be answered either.
    if (outcome.exitCode === exitCodes.unreachable) break
  }
  await progress.end()
  return outcomes
}

/** What Ctrl-C leaves behind is said. */
export async function stoppedAfter({ print }: Call, done: number, total: number): Promise<CommandError> {
  if (done > 0) await print.note(`${countWords(done)} of ${tasksWords(total)} were dealt with before`)
  return interruptedError()
}

async function doOne(taskId: string, { act }: Deed): Promise<{ outcome: Outcome; words: string }> {
  try {
    const { wire, words } = await act(taskId)
    return { outcome: { taskId, wire, problem: null, exitCode: exitCodes.ok }, words }
  } catch (error) {
    const { problem, exitCode } = toFailure(error)
    return { outcome: { taskId, wire: null, problem, exitCode }, words: problem.detail ?? problem.title }
  }
}

function toDocument({ taskId, wire, problem }: Outcome): Json {
  if (problem) return { original_task_id: taskId, ok: false, problem: problemCodec.encode(problem) }
  return { original_task_id: taskId, ok: true, ...(wire as object) }
}
