import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { ProtocolError } from '@taskloom/protocol'
import { loginStyle } from './identity/login-style.ts'
import { pageStyle } from './page.ts'
import type { File } from './respond.ts'

const script = 'text/javascript; charset=utf-8'
const json = 'application/json; charset=utf-8'

/** What is built beside the dashboard's own file; the name of a part holds a hash of what is in it. */
const builtName = /^(?:[a-z][a-z.-]*|parts\/[\w.-]+)\.(js|json)$/
const types: Readonly<Record<string, string>> = { js: script, json }
/** More than are ever built: a folder of something else is not kept in memory. */
const mostKept = 500

export interface Assets {
  /** Throws `not_found` for a name that is not ours and for a file that has not been built. */
  read(name: string): Promise<File>
}

/** The files of the dashboard page. A file that is built anew is read anew. */
export function createAssets(folder: string | null): Assets {
  const sheets = new Map([
    ['page.css', sheetOf(pageStyle)],
    ['login.css', sheetOf(loginStyle)],
  ])
  const kept = new Map<string, { readonly stamp: string; readonly file: File }>()
  return {
    async read(name) {
      const sheet = sheets.get(name)
      if (sheet) return sheet
      const type = types[builtName.exec(name)?.[1] ?? '']
      if (type === undefined || name.includes('..')) throw new ProtocolError('not_found', 'There is no such file')
      try {
        const path = join(folder ?? builtFolder(), name)
        const { mtimeMs, size } = await stat(path)
        const stamp = `${mtimeMs}-${size}`
        const known = kept.get(name)
        if (known?.stamp === stamp) return known.file
        const file = fileOf(await readFile(path), type)
        if (kept.size >= mostKept) kept.clear()
        kept.set(name, { stamp, file })
        return file
      } catch {
        throw new ProtocolError('not_found', `${name} has not been built: run the build of @taskloom/dashboard`)
      }
    },
  }
}

function builtFolder(): string {
  const manifest = createRequire(import.meta.url).resolve('@taskloom/dashboard/package.json')
  return join(dirname(manifest), 'dist', 'cdn')
}

function sheetOf(text: string): File {
  return fileOf(Buffer.from(text), 'text/css; charset=utf-8')
}

function fileOf(content: Buffer, type: string): File {
  const etag = `"${createHash('sha256').update(content).digest('base64url').slice(0, 27)}"`
  return { bytes: new Uint8Array(content), type, etag }
}
