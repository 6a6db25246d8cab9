import { createHash } from 'node:crypto'
import type { Json } from '@taskloom/protocol'
import { cutText } from '../core/text.ts'
import type { AuditBreak, AuditCheck, AuditCheckQuestion, AuditDraft, AuditEntry } from './audit.ts'

/** What the newest entry was, kept beside the entries so that one who cuts the tail off is found out. */
export interface AuditHead {
  /** How many there are: the number of the newest. */
  readonly entries: number
  /** The hash of the newest; empty when there is none. */
  readonly hash: string
}

/** Of a log without entries. */
export const emptyHead: AuditHead = { entries: 0, hash: '' }

const maxAffected = 1_000
const maxDetailLength = 4_096
const breaking = /[\p{Cc}\p{Zl}\p{Zp}]+/gu

/** The entry that follows the head: its text without line breaks and control characters, and bounded. Pure. */
export function chainEntry(head: AuditHead, draft: AuditDraft): AuditEntry {
  const seq = head.entries + 1
  const clean = cleanDraft(draft)
  return { ...clean, seq, hash: hashOf(head.hash, seq, clean) }
}

/** What an entry is about, by which it is found: its target, the tasks that it names, and its operation. Pure. */
export function aboutOf({ target, affected, detail }: AuditEntry): readonly string[] {
  const isObject = typeof detail === 'object' && detail !== null && !Array.isArray(detail)
  const operation = isObject ? (detail as Readonly<Record<string, Json>>)['operation'] : undefined
  const about = new Set(affected)
  if (target !== null) about.add(target)
  if (typeof operation === 'string') about.add(operation)
  return [...about]
}

/** The entry of a slice of history that was deleted. Pure. */
export function withDeleted(draft: AuditDraft, taskIds: readonly string[]): AuditDraft {
  return { ...draft, affected: taskIds, affectedCount: taskIds.length }
}

/** Names every field, so that what a store adds to an entry is no part of it. */
export function hashOf(previousHash: string, seq: number, draft: AuditDraft): string {
  const { at, actor, role, address, action, target, outcome, reason, code, affected, affectedCount, detail } = draft
  const fields = [at, actor, role, address, action, target, outcome, reason, code, affected, affectedCount, detail]
  return createHash('sha256')
    .update(JSON.stringify([previousHash, seq, ...fields]))
    .digest('hex')
}

/** A slice of entries in order of their numbers, with what lies around it. */
export interface ChainSlice {
  /** The head before the entries were read; others may have added since. */
  readonly head: AuditHead
  /** The hash of the entry before the first; empty for the very first. */
  readonly previousHash: string
  /** At most one more than asked for. */
  readonly entries: readonly AuditEntry[]
}

/** Whether the slice is as it was written. Pure. */
export function checkChain({ from, limit }: AuditCheckQuestion, slice: ChainSlice): AuditCheck {
  let hash = slice.previousHash
  let seq = from
  for (const entry of slice.entries.slice(0, limit)) {
    const broken = breakAt(seq, entry, hash, slice)
    if (broken) return { checked: seq - from, hash, next: null, broken }
    hash = entry.hash
    seq += 1
  }
  const isMore = slice.entries.length > limit
  const isCut = !isMore && seq <= slice.head.entries
  return { checked: seq - from, hash, next: isMore ? seq : null, broken: isCut ? { seq, why: 'tail_cut' } : null }
}

function breakAt(seq: number, entry: AuditEntry, previousHash: string, slice: ChainSlice): AuditBreak | null {
  if (entry.seq !== seq) return { seq, why: 'missing' }
  if (entry.hash !== hashOf(previousHash, seq, entry)) {
    return { seq, why: isFromElsewhere(entry, slice) ? 'reordered' : 'changed' }
  }
  // One who forged the whole chain from here on must have forgotten the head.
  return seq === slice.head.entries && entry.hash !== slice.head.hash ? { seq, why: 'changed' } : null
}

/** Whether the entry would be right at another number of the slice. */
function isFromElsewhere(entry: AuditEntry, { entries, previousHash }: ChainSlice): boolean {
  const place = entries.indexOf(entry)
  const after = entries[place + 1]?.hash
  return entries.some(({ seq }, index) => {
    const before = index === 0 ? previousHash : entries[index - 1]?.hash
    return [before, after].some((hash) => hash !== undefined && hashOf(hash, seq, entry) === entry.hash)
  })
}

function cleanDraft(draft: AuditDraft): AuditDraft {
  const affected = draft.affected.slice(0, maxAffected).map((id) => words(id, 300))
  return {
    at: Math.trunc(draft.at),
    actor: words(draft.actor, 300),
    role: wordsOrNull(draft.role, 100),
    address: wordsOrNull(draft.address, 100),
    action: words(draft.action, 100),
    target: wordsOrNull(draft.target, 300),
    outcome: draft.outcome,
    reason: wordsOrNull(draft.reason, 1_000),
    code: wordsOrNull(draft.code, 100),
    affected,
    affectedCount: Math.max(Math.trunc(draft.affectedCount), affected.length),
    detail: bounded(draft.detail),
  }
}

function wordsOrNull(text: string | null, maxLength: number): string | null {
  return text === null ? null : words(text, maxLength)
}

function words(text: string, maxLength: number): string {
  return cutText(text.replace(breaking, ' '), maxLength)
}

/** As it will be read back: a member without a value, for one, is lost on the way. */
function bounded(detail: Json): Json {
  const text = JSON.stringify(detail)
  return text.length <= maxDetailLength ? (JSON.parse(text) as Json) : { cut: true }
}
