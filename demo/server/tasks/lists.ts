import { createReadStream } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { progress, taskContext, taskLog, type TaskManager } from '@taskloom/engine'
import Papa from 'papaparse'
import type { Workshop } from './index.ts'

type Row = Readonly<Record<string, string>>

const rowsPerChunk = 200

export function defineListTasks(tasks: TaskManager, { db }: Workshop) {
  const importCatalogue = tasks.define(
    'import_catalogue',
    { queue: 'imports', retries: 2, delay: '2s' },
    async (fileId: string) => {
      const file = db.file(fileId)
      if (!file) throw new Error(`File ${fileId} is no longer in the catalogue`)
      const { signal } = taskContext()
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
      const rows = source.pipe(Papa.parse(Papa.NODE_STREAM_INPUT, { header: true, skipEmptyLines: true }))
      source.on('error', (error) => rows.destroy(error))
      for await (const row of rows as AsyncIterable<Row>) {
        if (isWhole(row)) chunk.push(row)
        else skipped += 1
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

/** papaparse puts surplus fields under `__parsed_extra` and leaves missing ones undefined. */
function isWhole(row: Row): boolean {
  return !('__parsed_extra' in row) && Object.values(row).every((value) => value !== undefined)
}
