import { formatTaskQuery, serverRoutes } from '@taskloom/protocol'
import type { Client } from './client.ts'
import { csvName, exportTasks, type ExportOptions } from './csv.ts'
import { isAborted } from './http.ts'
import type { CsvFile } from './state.ts'

/** What is exported, and how much that is. */
export interface DownloadOptions extends ExportOptions {
  /** Rows there will be, for the progress. */
  readonly total: number
  /** Whether the server writes the file itself; without it the rows are asked for page by page. */
  readonly isOffered: boolean
}

/**
 * All rows of a filter as one CSV file: as the server writes it, or page by page where it does not. Throws `ClientError`, with
 * code `aborted` when called off.
 */
export async function downloadTasks(client: Pick<Client, 'list' | 'open'>, options: DownloadOptions): Promise<CsvFile> {
  if (!options.isOffered) return exportTasks(client, options)
  const { signal } = options
  const { filter, sort, order } = options.query
  const params = formatTaskQuery({ filter, sort, order })
  const response = await client.open(serverRoutes.exportCsv, { params, headers: { accept: 'text/csv' }, signal })
  // A page of the host, such as its login, is no file of ours.
  if (!/^text\/csv\b/.test(response.headers.get('content-type') ?? '') || !response.body)
    return exportTasks(client, options)
  try {
    return { name: csvName(options.now), blob: await gather(response.body, options) }
  } catch (error) {
    if (signal?.aborted || isAborted(error)) throw error
    // The connection broke off: half a file is none.
    return exportTasks(client, options)
  }
}

/** Bytes that are handed to a Blob leave the script's heap: only some pieces are ever in it. */
async function gather(body: ReadableStream<Uint8Array<ArrayBuffer>>, options: DownloadOptions): Promise<Blob> {
  const { total, onProgress } = options
  const countLines = lineCounter()
  const reader = body.getReader()
  let blobs: Blob[] = []
  let pieces: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  let lines = 0
  let toldAt = 0
  for (;;) {
    const { value, done } = await reader.read()
    if (done) break
    pieces.push(value)
    size += value.byteLength
    lines = countLines(value)
    if (size >= pieceSize) {
      blobs.push(new Blob(pieces))
      if (blobs.length === mostBlobs) blobs = [new Blob(blobs)]
      pieces = []
      size = 0
    }
    if (lines - toldAt >= rowsPerWord) {
      toldAt = lines
      onProgress?.({ rows: lines - 1, total: Math.max(lines - 1, total) })
    }
  }
  return new Blob([...blobs, ...pieces], { type: csvType })
}

/** Lines so far, the head among them; those within quotes are part of a cell. */
function lineCounter(): (bytes: Uint8Array) => number {
  let lines = 0
  let isQuoted = false
  return (bytes) => {
    for (const byte of bytes) {
      if (byte === quote) isQuoted = !isQuoted
      else if (byte === lineFeed && !isQuoted) lines += 1
    }
    return lines
  }
}

const quote = 0x22
const lineFeed = 0x0a
const pieceSize = 4 * 1024 * 1024
const mostBlobs = 32
const rowsPerWord = 2_000
const csvType = 'text/csv;charset=utf-8'
