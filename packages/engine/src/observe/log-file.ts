import { mkdir, open, rename, rm, stat, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'

export interface LogFileOptions {
  /** A file is put aside before it grows beyond this. */
  readonly maxBytes: number
  /** How many are kept beside it, `.1` the newest. */
  readonly backups: number
  readonly mode: 'rotate' | 'watched'
}

/** Appends whole lines to a file; puts it aside when it is full, or follows whoever else does. One call at a time. */
export class LogFile {
  #handle: FileHandle | null = null
  #size = 0
  /** The last write ended in the middle of a line. */
  #isTorn = false

  constructor(
    private readonly path: string,
    private readonly options: LogFileOptions,
  ) {}

  /** `lines` end with a line break each. */
  async append(lines: readonly Buffer[]): Promise<void> {
    if (this.options.mode === 'watched') await this.#follow()
    for (let from = 0; from < lines.length;) {
      const handle = await this.#ready(lines[from]?.length ?? 0)
      const room = this.options.mode === 'rotate' ? this.options.maxBytes - this.#size : Number.POSITIVE_INFINITY
      const until = this.#fitting(lines, from, room)
      await this.#write(handle, Buffer.concat(lines.slice(from, until)))
      from = until
    }
  }

  async close(): Promise<void> {
    const handle = this.#handle
    this.#handle = null
    await handle?.close()
  }

  /** Where the lines end that fit; at least one line is written, however long it is. */
  #fitting(lines: readonly Buffer[], from: number, room: number): number {
    let until = from + 1
    for (let left = room - (lines[from]?.length ?? 0); until < lines.length; until += 1) {
      left -= lines[until]?.length ?? 0
      if (left < 0) break
    }
    return until
  }

  async #ready(bytes: number): Promise<FileHandle> {
    const handle = this.#handle ?? (await this.#open())
    const isFull = this.#size > 0 && this.#size + bytes > this.options.maxBytes
    if (this.options.mode === 'watched' || !isFull) return handle
    await this.close()
    await this.#shift()
    return this.#open()
  }

  async #open(): Promise<FileHandle> {
    await mkdir(dirname(this.path), { recursive: true })
    const handle = await open(this.path, 'a')
    try {
      this.#size = (await handle.stat()).size
    } catch (error) {
      await handle.close()
      throw error
    }
    this.#handle = handle
    return handle
  }

  /** What could not be written whole is completed by a line break, so that the next line stands alone. */
  async #write(handle: FileHandle, bytes: Buffer): Promise<void> {
    const text = this.#isTorn ? Buffer.concat([lineBreak, bytes]) : bytes
    let written = 0
    try {
      while (written < text.length) written += (await handle.write(text, written)).bytesWritten
      this.#isTorn = false
    } catch (error) {
      if (written > 0) this.#isTorn = text[written - 1] !== lineBreak[0]
      throw error
    } finally {
      this.#size += written
    }
  }

  async #shift(): Promise<void> {
    const { backups } = this.options
    if (backups === 0) return rm(this.path, { force: true })
    for (let number = backups - 1; number >= 1; number -= 1) {
      await moveIfThere(`${this.path}.${number}`, `${this.path}.${number + 1}`)
    }
    await moveIfThere(this.path, `${this.path}.1`)
  }

  /** Somebody moved the file away: the lines go to a new one. */
  async #follow(): Promise<void> {
    if (this.#handle === null) return
    const mine = await this.#handle.stat()
    const there = await stat(this.path).catch(() => null)
    if (there === null || there.ino !== mine.ino || there.dev !== mine.dev) await this.close()
  }
}

const lineBreak = Buffer.from('\n')

async function moveIfThere(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
