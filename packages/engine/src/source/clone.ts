import { isDeepStrictEqual } from 'node:util'
import type { EnqueueIssue, Json } from '@taskloom/protocol'
import type { Definition } from '../core/definition.ts'
import { TaskError } from '../core/errors.ts'
import { packChecked } from '../core/intake.ts'
import { maskedWord } from '../core/mask.ts'
import type { TaskRecord, TaskRequest } from '../core/record.ts'
import { redactedWord } from '../core/redact.ts'
import type { EnqueueOptions } from '../core/request.ts'
import { restore } from '../core/restore.ts'
import { encryptedWord } from '../core/sealed.ts'
import { showPacked, unpackArgs } from '../core/serialize.ts'
import type { CloneOrigin } from '../server/source.ts'
import type { SourceParts } from './parts.ts'
import { readRecord } from './reads.ts'

/** The tag that a clone names its original with: it is no retry of it, and so is not counted as one. */
export const cloneTag = 'cloned_from'

/** The original with its arguments opened, and what whoever clones it was shown. */
export interface Origin extends CloneOrigin {
  readonly record: TaskRecord
  /** The arguments as text, opened. */
  readonly text: string
}

/** Rejects with `unknown_task`, `key_missing`, `unreadable` or, for a task of another function, `bad_argument`. */
export async function readOrigin(
  parts: Pick<SourceParts, 'store' | 'keyring'>,
  name: string,
  from: CloneOrigin,
): Promise<Origin> {
  const record = await readRecord(parts, from.taskId)
  const { taskId, funcName, args } = record
  // Another function might tell what its argument was: nobody moves a secret there without seeing it.
  if (funcName !== name) {
    const message = `cloned_from: expected a task of ${name}`
    throw new TaskError('bad_argument', { message, funcName: name, issues: [{ path: 'cloned_from', message }] })
  }
  return { ...from, record, text: parts.keyring.open(args, { field: 'args', taskId, funcName }) }
}

/** What is asked for where the options leave it open, and the way back to the original. */
export function requestOfClone(
  request: TaskRequest,
  options: EnqueueOptions,
  { record, shownTags }: Origin,
): TaskRequest {
  const tags = options.tags === undefined ? record.tags : restoreTags(request.tags ?? {}, shownTags, record.tags)
  const redact = [...new Set([...record.redact, ...(request.redact ?? [])])]
  return {
    ...request,
    ...(options.queue === undefined ? { queue: record.queue } : {}),
    ...(options.priority === undefined ? { priority: record.priority } : {}),
    ...(options.affected === undefined ? { affected: record.affected } : {}),
    ...(options.locks === undefined ? { locks: record.locks } : {}),
    ...(redact.length > 0 ? { redact } : {}),
    tags: { ...tags, [cloneTag]: record.taskId },
  }
}

/** The arguments of the clone as text. Rejects with `bad_argument`, whose words say nothing of what is hidden. */
export async function argsOfClone(definition: Definition, args: readonly unknown[], origin: Origin): Promise<string> {
  if (origin.keepsArgs) return origin.text
  const given = args as readonly Json[]
  try {
    return await packRestored(definition, given, origin, unpackArgs(origin.text))
  } catch (error) {
    // A schema made, say, a date of a text. It may take only what it was given then, which reads as it is shown.
    const view = showPacked(origin.text)
    const isOtherwise = error instanceof TaskError && error.code === 'bad_argument' && !origin.text.startsWith('[')
    if (!isOtherwise) throw error
    return packRestored(definition, given, origin, view).catch(() => Promise.reject(error))
  }
}

async function packRestored(
  definition: Definition,
  given: readonly Json[],
  { shownArgs }: Origin,
  truth: unknown,
): Promise<string> {
  const hidden: unknown[] = []
  const restored = restore(given, shownArgs, truth, isDeepStrictEqual, (value) => hidden.push(value)) as unknown[]
  const left = markersIn(restored, truth)
  if (left.length > 0) throw refusal(definition, left)
  try {
    return await packChecked(definition, restored)
  } catch (error) {
    throw error instanceof TaskError && hidden.length > 0 ? withoutWords(definition, error, hidden) : error
  }
}

function restoreTags(
  given: TaskRecord['tags'],
  shown: CloneOrigin['shownTags'],
  truth: TaskRecord['tags'],
): TaskRecord['tags'] {
  const entries = Object.entries(given).map(([key, value]): [string, string] => {
    const isLeft = Object.hasOwn(shown, key) && Object.hasOwn(truth, key) && shown[key] === value
    return [key, isLeft ? (truth[key] ?? value) : value]
  })
  return Object.fromEntries(entries)
}

const markers: readonly unknown[] = [maskedWord, redactedWord, encryptedWord]
const maxIssues = 20

/** Where a word still stands for something hidden that is not there any more, or was moved. */
function markersIn(value: unknown, truth: unknown, path = ''): readonly EnqueueIssue[] {
  if (markers.includes(value)) {
    return value === truth ? [] : [{ path, message: 'It is hidden: write it anew, or leave it where it was' }]
  }
  if (typeof value !== 'object' || value === null || value === truth) return []
  const isList = Array.isArray(value)
  const inner = (truth ?? {}) as Readonly<Record<string, unknown>>
  return Object.entries(value)
    .flatMap(([key, part]) => markersIn(part, inner[key], isList ? `${path}[${key}]` : `${path}.${key}`))
    .slice(0, maxIssues)
}

function refusal({ name }: Definition, issues: readonly EnqueueIssue[]): TaskError {
  const message = `Some arguments of ${name} are hidden and not where they were: ${issues.map(({ path }) => path).join(', ')}`
  return new TaskError('bad_argument', { message: message.slice(0, 1_000), funcName: name, issues })
}

/** The same refusal without any words that hold a hidden value: a schema may quote what it was given. */
function withoutWords({ name }: Definition, { code, details }: TaskError, hidden: readonly unknown[]): TaskError {
  const words = leavesOf(hidden)
  const isTelling = (text: string): boolean => words.some((word) => text.includes(word))
  const issues = Array.isArray(details['issues']) ? (details['issues'] as readonly EnqueueIssue[]) : []
  const told = issues.map((issue) => (isTelling(issue.path + issue.message) ? untold : issue))
  const message = isTelling(details.message)
    ? `The arguments of ${name} do not fit: ${untold.message}`
    : details.message
  return new TaskError(code, { message, funcName: name, issues: told })
}

const untold: EnqueueIssue = { path: '', message: 'Something hidden is not as expected' }
const maxLeaves = 10_000

/** Texts and numbers in a value, as they might be quoted. */
function leavesOf(root: unknown): readonly string[] {
  const leaves: string[] = []
  const seen = new Set<unknown>()
  const left = [root]
  while (left.length > 0 && leaves.length < maxLeaves) {
    const value = left.pop()
    if (typeof value === 'number' || typeof value === 'bigint') leaves.push(String(value))
    if (typeof value === 'string' && value !== '') leaves.push(value)
    if (typeof value !== 'object' || value === null || seen.has(value)) continue
    seen.add(value)
    left.push(...(value instanceof Map || value instanceof Set ? value.values() : Object.values(value)))
  }
  return leaves
}
