import type { ThrownText } from '../../core/error-text.ts'
import type { Claims } from './claims.ts'
import type { ToWorker } from './messages.ts'

/** What a thread and a process have in common, seen from the host. */
export interface WorkerPort {
  /** What is shared with it; null for one that shares nothing and is given one task at a time. */
  readonly claims: Claims | null
  /** Never throws; what a dead worker is told is lost. */
  post(message: ToWorker): void
  /** Ends it at once, whatever it is doing. */
  kill(): void
}

/** Why a worker is gone. */
export type Death =
  | { readonly kind: 'exited'; readonly code: number }
  | { readonly kind: 'killed'; readonly signal: string }
  | { readonly kind: 'out_of_memory' }
  | { readonly kind: 'crashed'; readonly thrown: ThrownText }
  | { readonly kind: 'not_started'; readonly thrown: ThrownText }

export interface WorkerEvents {
  /** Whatever the worker sent, not looked at yet. */
  readonly onMessage: (message: unknown) => void
  /** Told once, after its last message. */
  readonly onDeath: (death: Death) => void
}

export interface WorkerLimits {
  /** The largest old generation of the heap, in MiB; Node's own limit when null. */
  readonly memoryMb: number | null
}

export type OpenWorker = (limits: WorkerLimits, events: WorkerEvents) => WorkerPort
