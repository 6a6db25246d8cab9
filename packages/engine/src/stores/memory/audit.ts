import type {
  AuditCheck,
  AuditCheckQuestion,
  AuditDraft,
  AuditEntry,
  AuditPage,
  AuditQuestion,
  AuditStore,
} from '../audit.ts'
import { aboutOf, chainEntry, checkChain, emptyHead, type AuditHead } from '../audit-chain.ts'

/** The reference for what the verbs mean; forgotten with the process. */
export class MemoryAudit implements AuditStore {
  readonly #entries: AuditEntry[] = []
  #head: AuditHead = emptyHead

  /** `operationsOf` gives the ids of the operations that a task belongs to. */
  constructor(private readonly operationsOf: (taskId: string) => readonly string[] = () => []) {}

  /** Adds an entry together with the change that it tells of. */
  record(draft: AuditDraft): AuditEntry {
    const entry = chainEntry(this.#head, draft)
    this.#head = { entries: entry.seq, hash: entry.hash }
    this.#entries.push(entry)
    return entry
  }

  async append(drafts: readonly AuditDraft[]): Promise<readonly AuditEntry[]> {
    return drafts.map((draft) => this.record(draft))
  }

  async list(question: AuditQuestion): Promise<AuditPage> {
    const { cursor, limit, taskId } = question
    const about = taskId === undefined ? null : new Set([taskId, ...this.operationsOf(taskId)])
    const entries: AuditEntry[] = []
    for (let index = Math.min(cursor ?? Number.POSITIVE_INFINITY, this.#head.entries + 1) - 2; index >= 0; index -= 1) {
      const entry = this.#entries[index]
      if (!entry || !isWanted(entry, question)) continue
      if (about !== null && !aboutOf(entry).some((id) => about.has(id))) continue
      if (entries.length === limit) return { entries, next: entries.at(-1)?.seq ?? null }
      entries.push(entry)
    }
    return { entries, next: null }
  }

  async verify(question: AuditCheckQuestion): Promise<AuditCheck> {
    const { from, limit } = question
    const previousHash = this.#entries[from - 2]?.hash ?? ''
    const entries = this.#entries.slice(from - 1, from + limit)
    return checkChain(question, { head: this.#head, previousHash, entries })
  }
}

function isWanted(entry: AuditEntry, { actor, action, outcome, since, until }: AuditQuestion): boolean {
  if (actor !== undefined && entry.actor !== actor) return false
  if (action !== undefined && entry.action !== action) return false
  if (outcome !== undefined && entry.outcome !== outcome) return false
  return (since === undefined || entry.at >= since) && (until === undefined || entry.at < until)
}
