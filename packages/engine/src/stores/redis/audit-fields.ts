import { emptyHead, type AuditHead } from '../audit-chain.ts'

/** The text of `Keys.auditHead`. */
export function encodeAuditHead({ entries, hash }: AuditHead): string {
  return JSON.stringify([entries, hash])
}

/** The head of the audit chain; that of an empty log when there is none. */
export function decodeAuditHead(text: string | null): AuditHead {
  if (text === null) return emptyHead
  const [entries, hash] = JSON.parse(text) as [number, string]
  return { entries, hash }
}
