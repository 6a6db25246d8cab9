import type {
  AuditCheck,
  AuditCheckQuestion,
  AuditDraft,
  AuditEntry,
  AuditPage,
  AuditQuestion,
  AuditStore,
} from '../audit.ts'
import { checkChain, type AuditHead } from '../audit-chain.ts'
import { decodeAuditHead } from './audit-fields.ts'
import type { Connection } from './connection.ts'
import { KeyChanges } from './key-changes.ts'
import type { Lane } from './lane.ts'
import { saveAudit } from './save.ts'

/** Entries that are read at once where few of them are wanted. */
const portion = 200

/** The audit log. */
export function redisAudit(connection: Connection, lane: Lane): AuditStore {
  return {
    append: (drafts) =>
      lane.run(async () => {
        const changes = new KeyChanges()
        return { changes, answer: await addAudit(changes, drafts, connection) }
      }),
    list: (question) => list(connection, question),
    verify: (question) => verify(connection, question),
  }
}

/** Adds to the log what is committed with `changes`. */
export async function addAudit(
  changes: KeyChanges,
  drafts: readonly AuditDraft[],
  connection: Connection,
): Promise<readonly AuditEntry[]> {
  if (drafts.length === 0) return []
  const { head, text } = await readAuditHead(connection)
  return saveAudit(changes, drafts, head, text)
}

/** The head, as it is read and as it stands. */
export async function readAuditHead(
  connection: Connection,
): Promise<{ readonly head: AuditHead; readonly text: string | null }> {
  const text = (await connection.command('GET', connection.keys.auditHead())) as string | null
  return { head: decodeAuditHead(text), text }
}

async function list(connection: Connection, question: AuditQuestion): Promise<AuditPage> {
  const { cursor, limit } = question
  const entries: AuditEntry[] = []
  const before = cursor ?? Number.MAX_SAFE_INTEGER
  for await (const entry of question.taskId === undefined
    ? newest(connection, question, before)
    : about(connection, question.taskId, before)) {
    if (!isWanted(entry, question)) continue
    if (entries.length === limit) return { entries, next: entries.at(-1)?.seq ?? null }
    entries.push(entry)
  }
  return { entries, next: null }
}

/** Entries before a number, newest first, along the index that says most, or all. */
async function* newest(
  connection: Connection,
  { actor, action, outcome }: AuditQuestion,
  before: number,
): AsyncIterable<AuditEntry> {
  const { keys } = connection
  const named = [['actor', actor] as const, ['action', action] as const, ['outcome', outcome] as const]
  const [field, value] = named.find(([, wanted]) => wanted !== undefined) ?? []
  if (field !== undefined && value !== undefined) {
    yield* ranked(connection, keys.auditBy(field, value), before)
    return
  }
  const { head } = await readAuditHead(connection)
  for (let last = Math.min(before, head.entries + 1) - 1; last > 0; last -= portion) {
    const seqs = Array.from({ length: Math.min(portion, last) }, (_, index) => last - index)
    yield* await readEntries(connection, seqs)
  }
}

/** Entries about a task, or about an operation that it belongs to. */
async function* about(connection: Connection, taskId: string, before: number): AsyncIterable<AuditEntry> {
  const { keys } = connection
  const operations = (await connection.command('SMEMBERS', keys.operationsOf(taskId))) as readonly string[]
  const seqs = new Set<number>()
  for (const id of [taskId, ...operations]) {
    const range = ['ZRANGEBYSCORE', keys.auditBy('about', id), '-inf', `(${before}`] as const
    for (const seq of (await connection.command(...range)) as readonly string[]) seqs.add(Number(seq))
  }
  const falling = [...seqs].sort((a, b) => b - a)
  for (let from = 0; from < falling.length; from += portion) {
    yield* await readEntries(connection, falling.slice(from, from + portion))
  }
}

async function* ranked(connection: Connection, key: string, before: number): AsyncIterable<AuditEntry> {
  for (let last = before; ;) {
    const range = ['ZREVRANGEBYSCORE', key, `(${last}`, '-inf', 'LIMIT', 0, portion] as const
    const seqs = ((await connection.command(...range)) as readonly string[]).map(Number)
    yield* await readEntries(connection, seqs)
    if (seqs.length < portion) return
    last = seqs.at(-1) ?? 0
  }
}

async function readEntries(connection: Connection, seqs: readonly number[]): Promise<readonly AuditEntry[]> {
  if (seqs.length === 0) return []
  const texts = (await connection.command('HMGET', connection.keys.audit(), ...seqs)) as readonly (string | null)[]
  return texts.flatMap((text) => (text === null ? [] : (JSON.parse(text) as AuditEntry)))
}

async function verify(connection: Connection, question: AuditCheckQuestion): Promise<AuditCheck> {
  const { from, limit } = question
  const { head } = await readAuditHead(connection)
  const [before] = from > 1 ? await readEntries(connection, [from - 1]) : []
  const seqs = Array.from({ length: limit + 1 }, (_, index) => from + index)
  const entries = await readEntries(connection, seqs)
  return checkChain(question, { head, previousHash: before?.hash ?? '', entries })
}

function isWanted(entry: AuditEntry, { actor, action, outcome, since, until }: AuditQuestion): boolean {
  if (actor !== undefined && entry.actor !== actor) return false
  if (action !== undefined && entry.action !== action) return false
  if (outcome !== undefined && entry.outcome !== outcome) return false
  return (since === undefined || entry.at >= since) && (until === undefined || entry.at < until)
}
