import {
  panelBlocks,
  panelView,
  ProtocolError,
  type PanelBlock,
  type PanelEntry,
  type PanelView,
} from '@taskloom/protocol'
import type { Clock } from '../core/clock.ts'
import { parseDuration, type Duration } from '../core/duration.ts'
import { TaskError } from '../core/errors.ts'
import { functionOption, rejectUnknown, textOption } from '../core/option.ts'
import type { ServerSettings } from './options.ts'
import type { PanelBoard, TaskSource } from './source.ts'

const maxPanels = 100
const maxBytes = 256 * 1024
const defaultTimeoutMs = 5_000
const longestTimeoutMs = 60_000

/** A page of the host's own in the dashboard. */
export interface PanelOptions {
  /** Stands in the address: letters, digits, `-` and `_`, at most 64, unlike all others. */
  readonly id: string
  /** Shown above it; at most 100 characters. */
  readonly title: string
  /** Called when somebody looks, never twice at once: all who ask meanwhile get the same answer. */
  readonly render: (context: PanelContext) => PanelContent | Promise<PanelContent>
  /** How long `render` may take; default 5 s, at most 60 s. */
  readonly timeout?: Duration
}

/** What `render` is given. */
export interface PanelContext {
  /** Aborted when the time is over. */
  readonly signal: AbortSignal
  /** What the dashboard itself reads and asks. */
  readonly source: TaskSource
}

/** A text stands for one block of it. At most 256 KiB as JSON. Nothing of it is ever taken for HTML. */
export type PanelContent = string | PanelBlock | readonly PanelBlock[]

/** Panels by id, in the order in which they were added. */
export class Panels implements PanelBoard {
  readonly #panels = new Map<string, Panel>()

  constructor(private readonly clock: Clock) {}

  /** Throws `bad_option`, `duplicate_panel`. */
  add(options: PanelOptions): void {
    const panel = new Panel(parsePanel(options), this.clock)
    if (this.#panels.has(panel.entry.id)) throw duplicate(panel.entry.id)
    if (this.#panels.size >= maxPanels) throw bad('panel', `at most ${maxPanels} panels`)
    this.#panels.set(panel.entry.id, panel)
  }

  list(): readonly PanelEntry[] {
    return [...this.#panels.values()].map(({ entry }) => entry)
  }

  async render(id: string, source: TaskSource): Promise<PanelView> {
    const panel = this.#panels.get(id)
    if (panel) return panel.render(source)
    throw new TaskError('unknown_panel', { message: `There is no panel ${id}` })
  }
}

/** The mount's own panels, then those of the source. */
export function boardsOf(source: TaskSource, settings: ServerSettings): readonly PanelBoard[] {
  return source.panels ? [settings.panels, source.panels] : [settings.panels]
}

export function listPanels(boards: readonly PanelBoard[]): readonly PanelEntry[] {
  const entries = boards.flatMap((board) => board.list())
  return [...new Map(entries.reverse().map((entry) => [entry.id, entry])).values()].reverse()
}

export async function renderPanel(boards: readonly PanelBoard[], id: string, source: TaskSource): Promise<PanelView> {
  const board = boards.find((candidate) => candidate.list().some((entry) => entry.id === id))
  if (board) return board.render(id, source)
  throw new ProtocolError('not_found', 'There is no such panel')
}

/** Throws `duplicate_panel` when a panel of the mount has the id of one that the source has already. */
export function assertNoDuplicates(source: TaskSource, settings: ServerSettings): void {
  const taken = new Set(source.panels?.list().map(({ id }) => id))
  for (const { id } of settings.panels.list()) if (taken.has(id)) throw duplicate(id)
}

interface ParsedPanel {
  readonly entry: PanelEntry
  readonly render: PanelOptions['render']
  readonly timeoutMs: number
}

/** One panel. A render that hangs costs one promise, not one for each who asks. */
class Panel {
  readonly entry: PanelEntry
  /** What is under way, or hangs: then it has been refused already. */
  #view: Promise<PanelView> | null = null

  constructor(
    private readonly parsed: ParsedPanel,
    private readonly clock: Clock,
  ) {
    this.entry = parsed.entry
  }

  render(source: TaskSource): Promise<PanelView> {
    this.#view ??= this.#start(source)
    return this.#view
  }

  #start(source: TaskSource): Promise<PanelView> {
    const abort = new AbortController()
    const drawn = this.#draw({ signal: abort.signal, source })
    let callOff: () => void = () => undefined
    const late = new Promise<never>((_, reject) => {
      callOff = this.clock.after(this.parsed.timeoutMs, () => {
        const error = this.#tooLate()
        reject(error)
        abort.abort(error)
      })
    })
    const free = (): void => void (this.#view = null)
    drawn.then(free, free)
    return Promise.race([drawn, late]).finally(() => callOff())
  }

  async #draw(context: PanelContext): Promise<PanelView> {
    try {
      return readContent(this.entry, await this.parsed.render(context))
    } catch (cause) {
      throw new TaskError(
        'panel_failed',
        { message: `The panel ${this.entry.id} failed: ${wordsOf(cause)}`, panel: this.entry.id },
        { cause },
      )
    }
  }

  #tooLate(): TaskError {
    const { entry, timeoutMs } = this.parsed
    const message = `The panel ${entry.id} was not rendered within ${timeoutMs} ms`
    return new TaskError('panel_timeout', { message, panel: entry.id })
  }
}

function parsePanel(options: PanelOptions): ParsedPanel {
  rejectUnknown(options, ['id', 'title', 'render', 'timeout'])
  const id = textOption(options.id, 'id', 64)
  if (!/^[\w-]+$/.test(id)) throw bad('id', 'letters, digits, - and _')
  const timeoutMs = parseDuration(options.timeout ?? defaultTimeoutMs, 'timeout')
  if (timeoutMs < 1 || timeoutMs > longestTimeoutMs) throw bad('timeout', 'a duration from 1 ms to 60 s')
  const title = textOption(options.title, 'title', 100)
  return { entry: { id, title }, render: functionOption(options.render, 'render'), timeoutMs }
}

/** Exactly what is sent: checked, measured, and no object of the host's any more. */
function readContent(entry: PanelEntry, content: unknown): PanelView {
  const blocks = typeof content === 'string' ? [{ kind: 'text', text: content }] : [content].flat()
  const view = { ...entry, blocks: panelBlocks.decode(blocks, 'blocks') }
  const text = JSON.stringify(panelView.encode(view))
  if (Buffer.byteLength(text) > maxBytes) throw new Error(`It is larger than ${maxBytes} bytes`)
  return panelView.decode(JSON.parse(text))
}

function wordsOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : 'something was thrown that is no error'
}

function duplicate(id: string): TaskError {
  return new TaskError('duplicate_panel', { message: `There is a panel ${id} already`, panel: id })
}

function bad(option: string, expected: string): TaskError {
  return new TaskError('bad_option', { message: `${option}: expected ${expected}`, option })
}
