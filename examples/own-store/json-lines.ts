import { constants } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import { TaskError } from '@taskloom/engine'
import { memory, type Store, type TaskStore } from '@taskloom/engine/store'

type Verb = (...args: readonly unknown[]) => Promise<unknown>

/**
 * What changes something, by the part of the store that it belongs to; everything else only reads. Which processes live is
 * not kept: after a restart none of them does.
 */
const changes: Partial<Record<keyof Store, readonly string[]>> = {
  tasks: ['write', 'writeAll', 'appendLogs', 'delete', 'deleteHistory'],
  schedules: ['put', 'advance'],
  outbox: ['take', 'delivered', 'failed', 'purge'],
  sessions: ['create', 'touch', 'revoke', 'revokeAll', 'purge'],
  secrets: ['keep'],
  operations: ['create', 'claim', 'collect', 'settle', 'undo', 'requestCancel', 'finish', 'prune'],
  audit: ['append'],
  queueControls: ['pause', 'resume'],
  errorMarks: ['mark'],
}

/**
 * A store that remembers: the memory store, and a file with one line of JSON for each change that was asked of it. Opened
 * again, it does all of them once more. The ports ask for no time and no chance of their own, so the outcome is the same.
 */
export function jsonLines(path: string): Store {
  const store = memory()
  const file = new LineFile(path)

  /** First into the file, then into memory: what has resolved is never lost, and what was refused never happened. */
  const keep = (part: keyof Store, verb: string, act: Verb): Verb => {
    return (...args) => {
      // JSON would make null of what was not given.
      const given = args.slice(0, args.findLastIndex((arg) => arg !== undefined) + 1)
      const line = JSON.stringify([part, verb, given])
      return file.inTurn(async () => {
        await file.append(line)
        return act(...args)
      })
    }
  }

  const kept = { ...store }
  for (const [part, verbs] of Object.entries(changes) as [keyof Store, readonly string[]][]) {
    Object.assign(kept, { [part]: withVerbs(store[part] as object, verbs, (verb, act) => keep(part, verb, act)) })
  }
  return {
    ...kept,
    name: 'json-lines',
    supports: { persistence: true, sharing: false },
    tasks: neverRejecting(kept.tasks),
    async open() {
      await store.open()
      for (const line of await file.open()) {
        const [part, verb, args] = JSON.parse(line) as [keyof Store, string, readonly unknown[]]
        const target = store[part] as unknown as Readonly<Record<string, Verb>>
        // What was refused when it was asked for is refused again.
        await target[verb]?.(...args).catch(() => undefined)
      }
    },
    async close() {
      await file.close()
      await store.close()
    },
  }
}

/** The same object with some of its methods replaced; the others go on as they are. */
function withVerbs<Part extends object>(part: Part, verbs: readonly string[], wrap: (verb: string, act: Verb) => Verb) {
  const wrapped = new Map(
    verbs.map((verb) => [verb, wrap(verb, (Reflect.get(part, verb) as Verb).bind(part))] as const),
  )
  return new Proxy(part, {
    get(target, name) {
      const value: unknown = wrapped.get(String(name)) ?? Reflect.get(target, name, target)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** `write` answers each write by itself, also when the file takes none of them. */
function neverRejecting(tasks: TaskStore): TaskStore {
  return withVerbs(tasks, ['write'], (_verb, write) => (batch) => {
    return write(batch).catch((cause: unknown) => {
      const failed = new TaskError('store_failed', { message: 'The file could not be written' }, { cause })
      return (batch as readonly unknown[]).map(() => failed)
    })
  })
}

/** Whole lines at the end of a file, one after the other. */
class LineFile {
  #file: FileHandle | null = null
  #size = 0
  #last: Promise<unknown> = Promise.resolve()

  constructor(private readonly path: string) {}

  /** Opens or creates it and gives its lines. A line without an end was cut off with the process: nobody was told of it. */
  async open(): Promise<readonly string[]> {
    this.#file = await open(this.path, constants.O_RDWR | constants.O_CREAT)
    const text = await this.#file.readFile('utf8')
    const whole = text.slice(0, text.lastIndexOf('\n') + 1)
    this.#size = Buffer.byteLength(whole)
    return whole.split('\n').slice(0, -1)
  }

  /** What is asked for first is done first. */
  inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = this.#last.then(act)
    this.#last = done.catch(() => undefined)
    return done
  }

  /** Resolves when the system has it: it outlives the process. A power cut it outlives with `datasync()` after it. */
  async append(line: string): Promise<void> {
    if (this.#file === null) throw new Error(`${this.path} is not open`)
    const bytes = Buffer.from(`${line}\n`)
    // At its place and not at the end, where half a line may stand that did not fit on the disk.
    const { bytesWritten } = await this.#file.write(bytes, 0, bytes.length, this.#size)
    if (bytesWritten < bytes.length) throw new Error(`${this.path} took only a part of a line`)
    this.#size += bytes.length
  }

  async close(): Promise<void> {
    await this.#last
    await this.#file?.close()
    this.#file = null
  }
}
