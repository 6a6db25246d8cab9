import { ProtocolError, type EnqueueAnswer } from '@taskloom/protocol'
import { withShownArgs } from '../shown-args.ts'
import type { CloneOrigin, EnqueueQuestion, TaskSource } from '../source.ts'
import { param, refuseUnsupported, type ActionInput } from './action.ts'

interface EnqueueBody {
  readonly args?: readonly unknown[]
  readonly options?: EnqueueQuestion['options']
  readonly clonedFrom?: string
  readonly dryRun?: boolean
}

const maxIdLength = 300

/** Enqueues a function, or says what would be refused of what was asked. */
export async function enqueue(source: TaskSource, input: ActionInput): Promise<EnqueueAnswer> {
  if (!source.enqueue) return refuseUnsupported()
  const { args, options = {}, clonedFrom, dryRun = false } = input.body as EnqueueBody
  const origin = clonedFrom === undefined ? {} : { clonedFrom: await readOrigin(source, input, clonedFrom, !args) }
  const question: EnqueueQuestion = { args: args ?? [], options, ...origin }
  const name = param(input, 'name')
  if (dryRun) {
    if (!source.checkEnqueue) return refuseUnsupported()
    const issues = await source.checkEnqueue(name, question, input.act)
    return { valid: issues.length === 0, issues }
  }
  const task = await source.enqueue(name, question, input.act)
  return { taskId: task.taskId, task }
}

/** The task as this caller is shown it: what he left so stands for what is there. */
async function readOrigin(
  source: TaskSource,
  { permits, settings }: ActionInput,
  taskId: string,
  keepsArgs: boolean,
): Promise<CloneOrigin> {
  if (taskId.length > maxIdLength || taskId.includes('\0')) {
    throw new ProtocolError('bad_body', 'cloned_from: expected the id of a task', { parameter: 'cloned_from' })
  }
  const detail = await source.detail(taskId, { opensSealed: settings.displayArgs !== false })
  if (!(await permits(taskId))) throw new ProtocolError('forbidden', 'The application does not allow this')
  const { args = null, tags } = withShownArgs(detail, settings)
  return { taskId, keepsArgs, shownArgs: args, shownTags: tags }
}
