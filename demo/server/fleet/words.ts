import type { Partner } from '../receiver.ts'

/** What a process of the fleet is told when it is started. */
export interface PartTerms {
  readonly role: 'web' | 'worker'
  readonly dataDir: string
  /** Where tasks are kept: PostgreSQL. */
  readonly storeUrl: string
  /** Where they wait: Redis. */
  readonly queueUrl: string
  /** The partners' webhook receiver, which the demo runs for all. */
  readonly receiverUrl: string
}

/** What a process tells whoever started it. */
export type FromPart =
  /** A web instance says its port. */
  | { readonly kind: 'ready'; readonly port: number | null }
  | { readonly kind: 'setBroken'; readonly name: string; readonly isBroken: boolean }

/** What it is told while it runs. */
export interface ToPart {
  readonly kind: 'partners'
  readonly partners: readonly Partner[]
}
