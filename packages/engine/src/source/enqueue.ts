import type { EnqueueIssue, TaskSummary } from '@taskloom/protocol'
import type { Definition } from '../core/definition.ts'
import { TaskError } from '../core/errors.ts'
import { packChecked } from '../core/intake.ts'
import type { TaskRequest } from '../core/record.ts'
import { parseRequest } from '../core/request.ts'
import { hashKey } from '../run/key-hash.ts'
import type { Act, EnqueueQuestion } from '../server/source.ts'
import { summaryOf } from '../stores/summary.ts'
import { auditDraft } from './audit-draft.ts'
import { argsOfClone, readOrigin, requestOfClone } from './clone.ts'
import type { SourceParts } from './parts.ts'

/** Enqueues a function that is defined here for somebody who asked over HTTP; its task says whom. */
export async function enqueueByName(
  parts: SourceParts,
  name: string,
  question: EnqueueQuestion,
  act: Act,
): Promise<TaskSummary> {
  const { definition, request, text } = await prepare(parts, name, question, act)
  const detail = question.clonedFrom ? { cloned_from: question.clonedFrom.taskId } : null
  const record = await parts.mint.record(definition, request, text, {
    beside: (taskId) => ({
      audit: auditDraft(act, { action: 'enqueue', target: name, affected: [taskId], detail }, parts.clock.now()),
    }),
  })
  return summaryOf(record)
}

/** What {@link enqueueByName} would refuse of arguments and options; nothing is enqueued. */
export async function checkEnqueue(
  parts: SourceParts,
  name: string,
  question: EnqueueQuestion,
  act: Act,
): Promise<readonly EnqueueIssue[]> {
  try {
    await prepare(parts, name, question, act)
    return []
  } catch (error) {
    const issues = error instanceof TaskError ? issuesOf(error) : null
    if (issues === null) throw error
    return issues
  }
}

/** What is to be enqueued, parsed and checked. */
interface Prepared {
  readonly definition: Definition
  readonly request: TaskRequest
  readonly text: string
}

async function prepare(
  parts: SourceParts,
  name: string,
  { args, options, clonedFrom }: EnqueueQuestion,
  act: Act,
): Promise<Prepared> {
  const definition = parts.registry.get(name)
  const asked = parseRequest(definition, { user: act.actor, ...options }, parts.clock.now(), hashKey)
  const request: TaskRequest = { ...asked, source: 'api' }
  if (!clonedFrom) return { definition, request, text: await packChecked(definition, args) }
  const origin = await readOrigin(parts, name, clonedFrom)
  const text = await argsOfClone(definition, args, origin)
  return { definition, request: requestOfClone(request, options, origin), text }
}

function issuesOf({ code, details }: TaskError): readonly EnqueueIssue[] | null {
  const { message, issues, option } = details
  if (code === 'bad_option') return [{ path: `options.${wireName(String(option))}`, message }]
  if (code !== 'bad_argument') return null
  return Array.isArray(issues) && issues.length > 0 ? (issues as readonly EnqueueIssue[]) : [{ path: '', message }]
}

/** `run_at` for `runAt`. */
function wireName(option: string): string {
  return option.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}
