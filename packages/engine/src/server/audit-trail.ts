import type { Json, Problem, Route, RouteMatch } from '@taskloom/protocol'
import type { Clock } from '../core/clock.ts'
import type { AuditDraft, AuditOutcome } from '../stores/audit.ts'
import type { Caller } from './identity/caller.ts'
import type { SignInEvent } from './identity/identity.ts'
import type { TaskSource } from './source.ts'

/** Somebody, as an entry names him. */
export interface Doer {
  readonly actor: string
  readonly role?: string | null
  readonly address?: string | null
}

/** What he did, or tried to. */
export interface Deed {
  /** Such as `login`, or the name of a command. */
  readonly action: string
  /** Null, also when it is left out, where it is about nothing single. */
  readonly target?: string | null
  /** `ok` by default. */
  readonly outcome?: AuditOutcome
  /** Why it did not go well; null by default. */
  readonly code?: string | null
  /** In his words; null by default. */
  readonly reason?: string | null
  /** Further facts; none by default. */
  readonly detail?: Json
}

/** What is known of a request by the time that it fails. */
export interface Tried {
  readonly isRead: boolean
  address: string | null
  route: Route | null
  target: string | null
  /** Null as long as nobody knows who asks. */
  caller: Caller | null
  reason: string | null
}

export function nothingTried(isRead: boolean): Tried {
  return { isRead, address: null, route: null, target: null, caller: null, reason: null }
}

/** What a path is about. */
export function targetOf({ params }: RouteMatch): string | null {
  return params['task_id'] ?? params['name'] ?? params['id'] ?? null
}

/** Entries per minute about requests that were refused or have failed: of callers who are known, and of all others. */
const perMinute = { known: 600, unknown: 120 } as const
const minuteMs = 60_000

/** Writes what has no write of its own into the audit log of the source, if that keeps one. */
export class AuditTrail {
  readonly #allowances: { readonly known: Allowance; readonly unknown: Allowance }

  constructor(
    private readonly source: Pick<TaskSource, 'audit'>,
    private readonly clock: Clock,
    private readonly onError: (error: unknown, id: string | null) => void,
  ) {
    const { known, unknown } = perMinute
    this.#allowances = { known: new Allowance(clock, known), unknown: new Allowance(clock, unknown) }
  }

  /** Resolves when the entry is stored. Rejects when it cannot be: then what it tells of must not be done. */
  async record(doer: Doer, deed: Deed): Promise<void> {
    await this.source.audit?.append([this.#draft(doer, deed)])
  }

  /**
   * The same for what is over: never throws, and the host hears of an entry that cannot be stored. Of too many in a minute
   * the rest is counted, and the next entry says how many were left out.
   */
  note(doer: Doer, deed: Deed, kind: keyof typeof perMinute = 'known'): void {
    const leftOut = this.#allowances[kind].take()
    if (leftOut === null) return
    const detail = leftOut === 0 ? (deed.detail ?? null) : { left_out: leftOut, ...(deed.detail as object | null) }
    this.record(doer, { ...deed, detail }).catch((error: unknown) => this.onError(error, null))
  }

  /** A request was answered with a problem. */
  refused(tried: Tried, problem: Problem): void {
    const { route, caller, address, target, reason } = tried
    const outcome = outcomeOf(tried, problem)
    if (outcome === null) return
    const doer = { actor: caller?.name ?? 'anonymous', role: caller?.role ?? null, address }
    const action = route?.action ?? route?.path ?? 'unknown'
    const deed = { action, target, outcome, code: problem.code, reason }
    this.note(doer, deed, caller === null || caller.grant ? 'unknown' : 'known')
  }

  /**
   * Somebody signed in or out, or tried to. Rejects when it cannot be written that somebody comes in: then he does not. That
   * he was refused is so in any case.
   */
  async signedIn({ name, address, outcome }: SignInEvent): Promise<void> {
    const doer = { actor: name, address }
    if (outcome === 'success') return this.record(doer, { action: 'login' })
    if (outcome === 'logout') return this.note(doer, { action: 'logout' })
    const code = outcome === 'wrong' ? 'bad_credentials' : 'too_many_requests'
    this.note(doer, { action: 'login', outcome: 'denied', code }, 'unknown')
  }

  #draft({ actor, role = null, address = null }: Doer, deed: Deed): AuditDraft {
    const { action, target = null, outcome = 'ok', code = null, reason = null, detail = null } = deed
    const at = this.clock.now()
    return { at, actor, role, address, action, target, outcome, reason, code, affected: [], affectedCount: 0, detail }
  }
}

const notUnderstood = [400, 405, 413, 415, 501]

/** Null for what is no business of the log: reads that need a sign-in, paths without a command, and what is no request. */
function outcomeOf({ isRead, route }: Tried, { status, code }: Problem): 'denied' | 'failed' | null {
  if (route === null) return null
  if (status === 401) return isRead ? null : 'denied'
  if (status === 403) return 'denied'
  if (route.action === null || isRead) return null
  return notUnderstood.includes(status) && code !== 'wrong_status' ? null : 'failed'
}

/** So many in a minute. */
class Allowance {
  #since = Number.NEGATIVE_INFINITY
  #taken = 0
  #leftOut = 0

  constructor(
    private readonly clock: Clock,
    private readonly most: number,
  ) {}

  /** How many were left out since the last one that was not; null when this one is. */
  take(): number | null {
    const now = this.clock.now()
    if (Math.abs(now - this.#since) >= minuteMs) {
      this.#since = now
      this.#taken = 0
    }
    if (this.#taken >= this.most) {
      this.#leftOut += 1
      return null
    }
    this.#taken += 1
    const leftOut = this.#leftOut
    this.#leftOut = 0
    return leftOut
  }
}
