import type { TaskDetail } from '@taskloom/protocol'
import type { Clock } from '../core/clock.ts'
import { TaskError } from '../core/errors.ts'
import { Panels, type PanelOptions } from './panels.ts'
import { systemClock } from '../system-clock.ts'

/** How a source is served. */
export interface HandlerOptions {
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
  /** False makes every command answer `read_only`; default true. */
  readonly write?: boolean
  /** Hears of failures that callers must not see; nobody does by default. `id` is what the caller was told instead. */
  readonly onError?: (error: unknown, id: string | null) => void
  /** Where time comes from, for tests; the machine’s by default. */
  readonly clock?: Clock
  /** Panels of this dashboard, beside those of `tasks.panel()`; their ids must differ. None by default. */
  readonly panels?: readonly PanelOptions[]
  /** Folder with the built dashboard; default that of the installed `@taskloom/dashboard`. */
  readonly assetsFolder?: string
}

/** What is shown of a task's arguments. */
export type DisplayArgs = (task: TaskDetail) => unknown

/** The options with nothing left open. */
export interface ServerSettings {
  readonly title: string
  readonly environment: string | null
  readonly displayArgs: boolean | DisplayArgs
  readonly write: boolean
  readonly onError: (error: unknown, id: string | null) => void
  readonly clock: Clock
  readonly panels: Panels
  readonly assetsFolder: string | null
}

const kinds: Record<keyof HandlerOptions, string> = {
  title: 'string',
  environment: 'string',
  displayArgs: 'boolean or function',
  write: 'boolean',
  onError: 'function',
  clock: 'object',
  panels: 'object',
  assetsFolder: 'string',
}
const maxWordsLength = 200

/** Throws `bad_option` for a name that is not ours: a misspelt `wirte: false` must not leave a dashboard writable. */
export function readOptions(options: HandlerOptions): ServerSettings {
  for (const [name, value] of Object.entries(options)) checkOption(name, value)
  const clock = options.clock ?? systemClock
  return {
    title: options.title ?? 'Tasks',
    environment: options.environment ?? null,
    displayArgs: options.displayArgs ?? false,
    write: options.write ?? true,
    onError: quietly(options.onError),
    clock,
    panels: readPanels(clock, options.panels ?? []),
    assetsFolder: options.assetsFolder ?? null,
  }
}

export function refuseOption(name: string, expected: string): never {
  throw new TaskError('bad_option', { message: `mount option ${name}: expected ${expected}`, option: name })
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
  if (typeof value === 'string' && name !== 'assetsFolder' && value.length > maxWordsLength) {
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
