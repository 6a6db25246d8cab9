import { createWriteStream } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import { csvColumns, tasksToCsv } from '@taskloom/client'
import { taskSummary, type Json, type TaskSummary } from '@taskloom/protocol'
import type { Call } from '../command.ts'
import { readDeadLetters } from '../dead-letters.ts'
import { exitCodes, usageError, type ExitCode } from '../exit.ts'
import type { Input } from '../input.ts'
import type { Server } from '../server.ts'
import { safeJson, safeLines } from '../text.ts'
import { tasksWords } from '../words.ts'

/** How rows become a file: what stands before them, each page, and what stands behind. */
interface Format {
  readonly head: string
  readonly page: (rows: readonly Row[], isFirst: boolean) => string
  readonly foot: string
}

interface Row {
  readonly task: TaskSummary
  readonly wire: Json
}

/** Without the mark Excel reads the file in the machine's own code page. */
const byteOrderMark = '\ufeff'

const formats: Readonly<Record<string, Format>> = {
  csv: {
    head: `${byteOrderMark}${csvColumns.join(',')}\r\n`,
    page: (rows) => tasksToCsv(rows.map(({ task }) => task)),
    foot: '',
  },
  json: {
    head: '[',
    page: (rows, isFirst) =>
      rows.map(({ wire }, at) => `${isFirst && at === 0 ? '\n' : ',\n'}${safeJson(wire)}`).join(''),
    foot: '\n]\n',
  },
}

/** Writes page by page, so that memory does not grow with the history. */
export async function exportDeadLetters(call: Call): Promise<ExitCode> {
  const { input, print } = call
  const name = input.text('format') ?? 'csv'
  const format = Object.hasOwn(formats, name) ? formats[name] : undefined
  if (!format) throw usageError(`--format: expected csv or json, not ${name}`)
  const file = input.text('output')
  if (file === undefined) throw usageError('Where to? Give --output FILE, or - for the standard output')
  if (input.operands.length > 0 && input.has('all')) throw usageError('Give ids or --all, not both')
  const server = await call.connect()
  const target = file === '-' ? toStandardOutput(call) : await toFile(file)
  let count = 0
  try {
    await target.write(format.head)
    for await (const rows of readRows(call, server, input)) {
      if (rows.length > 0) await target.write(format.page(rows, count === 0))
      count += rows.length
      if (target.isClosed()) break
    }
    await target.write(format.foot)
    await target.keep()
  } catch (error) {
    await target.discard()
    throw error
  }
  if (file !== '-') await print.answer({ exported: count, output: file }, () => `Wrote ${tasksWords(count)} to ${file}`)
  return exitCodes.ok
}

async function* readRows({ world }: Call, server: Server, input: Input): AsyncGenerator<readonly Row[]> {
  if (input.operands.length > 0) {
    for (const taskId of new Set(input.operands)) {
      const { value } = await server.ask('detail', { at: { task_id: taskId } })
      yield [{ task: value, wire: taskSummary.encode(value) }]
    }
    return
  }
  for await (const { tasks, wire } of readDeadLetters(server, input, world.now(), world.signal)) {
    yield tasks.map((task, at) => ({ task, wire: wire[at] ?? null }))
  }
}

interface Target {
  write(text: string): Promise<void>
  isClosed(): boolean
  keep(): Promise<void>
  discard(): Promise<void>
}

function toStandardOutput({ world: { out } }: Call): Target {
  const nothing = (): Promise<void> => Promise.resolve()
  // In a pipe it is data; on a terminal it must not drive it.
  const shown = (text: string): string => (out.isTerminal ? safeLines(text) : text)
  return { write: (text) => out.write(shown(text)), isClosed: () => out.isClosed, keep: nothing, discard: nothing }
}

/** A file that is there only when it is whole; nobody else may read what tasks failed with. */
async function toFile(path: string): Promise<Target> {
  const part = `${path}.part`
  await rm(part, { force: true })
  const stream = createWriteStream(part, { flags: 'wx', mode: 0o600 })
  const end = finished(stream)
  // It is awaited when the file is kept; until then a failure shows in the write.
  end.catch(() => undefined)
  return {
    write: (text) =>
      new Promise((resolve, reject) => void stream.write(text, (error) => (error ? reject(error) : resolve()))),
    isClosed: () => false,
    async keep() {
      stream.end()
      await end
      await rename(part, path)
    },
    async discard() {
      stream.destroy()
      await rm(part, { force: true })
    },
  }
}
