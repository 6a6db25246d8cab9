import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream'
import { setImmediate } from 'node:timers/promises'
import { progress, taskLog, type TaskManager } from '@taskloom/engine'
import Papa from 'papaparse'
import type { Workshop } from './index.ts'
import { taskSignal } from './signal.ts'

type Row = Readonly<Record<string, string>>

const rowsPerChunk = 200

export function defineListTasks(tasks: TaskManager, { db }: Workshop) {
  const importCatalogue = tasks.define(
    'import_catalogue',
    { queue: 'imports', retries: 2, delay: '2s' },
    async (fileId: string) => {
      const file = db.file(fileId)
      if (!file) throw new Error(`File ${fileId} is no longer in the catalogue`)
      const signal = taskSignal()
      // An import that starts again starts from nothing: an earlier attempt may have stopped half-way.
      db.clearRows(fileId)
      let saved = 0
      let skipped = 0
      let chunk: Row[] = []

      const save = async () => {
        db.addRows(fileId, saved + 1, chunk)
        saved += chunk.length
        chunk = []
        progress({ current: Math.min(source.bytesRead, file.bytes), total: file.bytes, message: `${saved} rows` })
        // Between two chunks others get their turn, and a cancel is heard.
        await setImmediate(undefined, { signal })
      }

      const source = createReadStream(file.path, { highWaterMark: 16_384, signal })
      for await (const row of readRows(source)) {
        if (row === null) skipped += 1
        else chunk.push(row)
        if (chunk.length === rowsPerChunk) await save()
      }
      await save()
      if (skipped > 0) taskLog(`${skipped} rows had too many or too few fields`, { level: 'warning' })
      taskLog(`${file.name}: ${saved} rows imported`)
      return { rows: saved, skipped }
    },
  )

  return { importCatalogue }
}

/** Each row as an object with the first line's names; null for one that has another number of fields. */
async function* readRows(source: NodeJS.ReadableStream): AsyncGenerator<Row | null> {
  const parser = Papa.parse(Papa.NODE_STREAM_INPUT, { skipEmptyLines: true })
  // Whichever of the two ends badly takes the other with it; the loop below hears of it.
  const lines = pipeline(source, parser, () => undefined)
  let columns: readonly string[] | null = null
  for await (const fields of lines as AsyncIterable<readonly string[]>) {
    if (columns === null) columns = fields
    else if (fields.length !== columns.length) yield null
    else yield Object.fromEntries(columns.map((column, index) => [column, fields[index] ?? '']))
  }
}
