import type { ActionName, TaskDetail, TaskSummary } from '@taskloom/protocol'
import type { Clock } from '../core/clock.ts'
import { TaskError } from '../core/errors.ts'
import type { Duration } from '../core/duration.ts'
import { isProductionHost } from '../host-environment.ts'
import { createIdentity, type Identity, type IdentityParts } from './identity/identity.ts'
import { readIdentityOptions, type IdentityOptions } from './identity/options.ts'
import { readLimits, type ServerLimits } from './limits.ts'
import { readPollInterval } from './live/poll-interval.ts'
import { Panels, type PanelOptions } from './panels.ts'
import { Redaction } from './redaction.ts'
import { systemClock } from '../system-clock.ts'

/** How a source is served. */
export interface HandlerOptions extends IdentityOptions {
  /** Shown in the page's title and in the dashboard; default `Tasks`. */
  readonly title?: string
  /** A word such as `production` that the dashboard shows beside the title; none by default. */
  readonly environment?: string | null
  /**
   * Whether task arguments may be read and, with `true`, searched; default false, they often hold personal data. A
   * function says what is shown of them: it gets the task's detail with its arguments, redacted, and what it returns is
   * shown in their place; `undefined` shows nothing. Either way encrypted ones are opened where the keys are.
   */
  readonly displayArgs?: boolean | DisplayArgs
  /**
   * False makes every command answer `read_only`. Default true, but false in production where nobody has to sign in: what
   * everybody can reach nobody should be able to change.
   */
  readonly write?: boolean
  /** Whether callers who may do so enqueue defined functions over HTTP; default false. */
  readonly enqueue?: boolean
  /** Whether this is production; default whether `NODE_ENV` is `production`. */
  readonly production?: boolean
  /**
   * Asked before each command that the caller's role allows, with the task when the command is about one; for bulk
   * commands by a filter it is asked once, with null. What is not true, or takes longer than ten seconds, or throws,
   * forbids. Nothing is asked by default.
   */
  readonly authorize?: Authorize
  /**
   * Origins, such as `https://admin.example.com`, whose pages may call this server with the user's cookies; at most 100,
   * none by default. Such a page must be of the same site, or browsers leave the cookies out.
   */
  readonly cors?: readonly string[]
  /** Origins whose pages may show ours in a frame, or `self`; at most 100, none by default. */
  readonly frameAncestors?: readonly string[]
  /** Hears of failures that callers must not see; nobody does by default. `id` is what the caller was told instead. */
  readonly onError?: (error: unknown, id: string | null) => void
  /** Where time comes from, for tests; the machine’s by default. */
  readonly clock?: Clock
  /**
   * Whether a WebSocket may be opened by a caller that neither says its `Origin`, as every browser does, nor shows a key;
   * default false.
   */
  readonly allowNoOrigin?: boolean
  /** How much may go on at once; see each limit for its default. */
  readonly limits?: ServerLimits
  /**
   * How often the store is asked whether another process has saved something, while somebody looks: milliseconds or a
   * text such as `'2s'`, held between 100 ms and a minute; default one second.
   */
  readonly pollInterval?: Duration
  /**
   * What is masked as `***` wherever this mount shows it, beside what the functions say. A word such as `iban` is a name: what
   * has it as a key, or stands behind it in a text. With dots it is a path of the arguments. The common names (`password`,
   * `secret`, `token`, `authorization`, `cookie`, `api_key` and the like) are masked by default; false masks none.
   */
  readonly redact?: readonly string[] | false
  /** Panels of this dashboard, beside those of `tasks.panel()`; their ids must differ. None by default. */
  readonly panels?: readonly PanelOptions[]
  /** Folder with the built dashboard; default that of the installed `@taskloom/dashboard`. */
  readonly assetsFolder?: string
}

/** Whether a caller may do something; `task` is null where it is not about one. */
export type Authorize = (
  user: AuthorizedUser,
  action: ActionName,
  task: TaskSummary | null,
) => boolean | Promise<boolean>

/** The caller as `authorize` is told of it. */
export interface AuthorizedUser {
  /** As the audit log shows it; `anonymous` where nobody has to sign in. */
  readonly name: string
  /** What the role allows is already allowed. */
  readonly role: 'viewer' | 'operator' | 'admin'
}

/** What is shown of a task's arguments. */
export type DisplayArgs = (task: TaskDetail) => unknown

/** The options with nothing left open. */
export interface ServerSettings {
  readonly title: string
  readonly environment: string | null
  readonly displayArgs: boolean | DisplayArgs
  readonly write: boolean
  readonly enqueue: boolean
  readonly isProduction: boolean
  readonly authorize: Authorize | null
  readonly cors: readonly string[]
  readonly frameAncestors: readonly string[]
  readonly gatekeeper: Identity
  readonly onError: (error: unknown, id: string | null) => void
  readonly clock: Clock
  readonly allowNoOrigin: boolean
  readonly limits: Required<ServerLimits>
  readonly pollIntervalMs: number
  readonly panels: Panels
  readonly redaction: Redaction
  readonly assetsFolder: string | null
}

const kinds: Record<keyof HandlerOptions, string> = {
  title: 'string',
  environment: 'string',
  displayArgs: 'boolean or function',
  write: 'boolean',
  enqueue: 'boolean',
  production: 'boolean',
  authorize: 'function',
  auth: 'object or function',
  apiKey: 'string or object',
  secretKey: 'string or object',
  tokenExpiry: 'string or number',
  idleExpiry: 'string or number',
  trustProxy: 'boolean or number',
  cors: 'object',
  frameAncestors: 'object',
  onError: 'function',
  clock: 'object',
  allowNoOrigin: 'boolean',
  limits: 'object',
  pollInterval: 'number or string',
  redact: 'boolean or object',
  panels: 'object',
  assetsFolder: 'string',
}
const maxWordsLength = 200
/** Texts of which somebody else says how long they may be. */
const otherTexts: readonly string[] = ['assetsFolder', 'apiKey', 'secretKey']

/** What the handler knows of where sign-ins are kept and told. */
export type SignInHooks = Pick<IdentityParts, 'sessions' | 'onSignIn'>

/** Throws `bad_option` for a name that is not ours: a misspelt `wirte: false` must not leave a dashboard writable. */
export function readOptions(options: HandlerOptions, hooks: SignInHooks = {}): ServerSettings {
  for (const [name, value] of Object.entries(options)) checkOption(name, value)
  const clock = options.clock ?? systemClock
  const isProduction = options.production ?? isProductionHost()
  const onError = quietly(options.onError)
  const report = (error: unknown) => onError(error, null)
  const identity = readIdentityOptions(options, { isProduction })
  const gatekeeper = createIdentity({ ...hooks, settings: identity, clock, report })
  return {
    title: options.title ?? 'Tasks',
    environment: options.environment ?? null,
    displayArgs: options.displayArgs ?? false,
    write: options.write ?? !(isProduction && gatekeeper.isOpen),
    enqueue: options.enqueue ?? false,
    isProduction,
    authorize: options.authorize ?? null,
    cors: readOrigins('cors', options.cors ?? []),
    frameAncestors: readOrigins('frameAncestors', options.frameAncestors ?? [], ['self']),
    gatekeeper,
    onError,
    clock,
    allowNoOrigin: options.allowNoOrigin ?? false,
    limits: readLimits(options.limits),
    pollIntervalMs: readPollInterval(options.pollInterval),
    panels: readPanels(clock, options.panels ?? []),
    redaction: readRedaction(options.redact),
    assetsFolder: options.assetsFolder ?? null,
  }
}

export function refuseOption(name: string, expected: string): never {
  throw new TaskError('bad_option', { message: `mount option ${name}: expected ${expected}`, option: name })
}

const maxOrigins = 100

/** Exact origins, as a browser writes them: no path, no wildcard, no default port. */
function readOrigins(name: string, origins: readonly unknown[], words: readonly string[] = []): readonly string[] {
  if (!Array.isArray(origins) || origins.length > maxOrigins) refuseOption(name, `at most ${maxOrigins} origins`)
  for (const origin of origins as readonly unknown[]) {
    const isOrigin = typeof origin === 'string' && (words.includes(origin) || isWrittenOrigin(origin))
    if (!isOrigin) refuseOption(name, `origins such as https://admin.example.com`)
  }
  return origins as readonly string[]
}

function isWrittenOrigin(text: string): boolean {
  return /^https?:\/\//.test(text) && URL.canParse(text) && new URL(text).origin === text
}

function readRedaction(option: readonly string[] | boolean | undefined): Redaction {
  if (option === true || option === null) refuseOption('redact', 'a list of names and paths, or false')
  return new Redaction(option)
}

function readPanels(clock: Clock, options: readonly PanelOptions[]): Panels {
  if (!(Symbol.iterator in options)) refuseOption('panels', 'a list of panels')
  const panels = new Panels(clock)
  for (const panel of options) panels.add(panel)
  return panels
}

function checkOption(name: string, value: unknown): void {
  if (!Object.hasOwn(kinds, name)) refuseOption(name, `one of ${Object.keys(kinds).join(', ')}, path, autoInstall`)
  const kind = kinds[name as keyof HandlerOptions]
  const isAbsent = value === undefined || (value === null && name === 'environment')
  if (!isAbsent && !kind.split(' or ').includes(typeof value)) refuseOption(name, `a ${kind}`)
  if (typeof value === 'string' && !otherTexts.includes(name) && value.length > maxWordsLength) {
    refuseOption(name, `at most ${maxWordsLength} characters`)
  }
}

/** A listener that throws must not turn one failure into two. */
export function quietly(listener: HandlerOptions['onError']): ServerSettings['onError'] {
  return (error, id) => {
    try {
      listener?.(error, id)
    } catch {
      // Nobody is left to tell.
    }
  }
}
