import { randomUUID } from 'node:crypto'
import { copyFile, readdir, stat, unlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import multer from 'multer'
import type { ShopDb, StoredFile } from './shop-db.ts'
import type { Work } from './tasks/index.ts'

interface ReceivedFile {
  /** The name it had with the person who sent it; shown, never used as a path. */
  readonly name: string
  readonly path: string
  readonly bytes: number
}

const kinds: Record<string, StoredFile['kind']> = { '.jpg': 'image', '.jpeg': 'image', '.png': 'image', '.csv': 'list' }
const sampleFolder = fileURLToPath(new URL('../samples', import.meta.url))
const sampleLists = ['airports.csv', 'weather.csv', 'seattle-weather.csv']

/** Takes files of a form and keeps them in the uploads folder under names of our own. */
export function createUpload(dataDir: string) {
  return multer({
    storage: multer.diskStorage({
      destination: join(dataDir, 'uploads'),
      filename: (_request, file, use) => use(null, randomUUID() + extname(file.originalname).toLowerCase()),
    }),
    limits: { fileSize: 10_000_000, files: 50, fields: 5, fieldSize: 1_000 },
    defParamCharset: 'utf8',
  }).array('files')
}

/** Puts files into the catalogue and orders the work on each; files of other kinds are thrown away and named. */
export async function acceptFiles(db: ShopDb, work: Work, files: readonly ReceivedFile[]): Promise<readonly string[]> {
  const refused: string[] = []
  for (const { name, path, bytes } of files) {
    const kind = kinds[extname(name).toLowerCase()]
    if (!kind) {
      refused.push(name)
      await unlink(path)
      continue
    }
    const id = randomUUID()
    db.addFile({ id, name, kind, path, bytes, uploadedAt: Date.now() })
    await work.checksum.enqueue(id)
    await (kind === 'image' ? work.thumbnail : work.importCatalogue).with({ tags: { file: name } }).enqueue(id)
  }
  return refused
}

/** Copies the sample folder as if a person had uploaded it: the pictures beside this file and lists of open data. */
export async function copySamples(dataDir: string): Promise<readonly ReceivedFile[]> {
  const pictures = (await readdir(sampleFolder)).filter((name) => kinds[extname(name)] === 'image')
  const listFolder = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '..', 'data')
  const sources = [
    ...pictures.map((name) => join(sampleFolder, name)),
    ...sampleLists.map((name) => join(listFolder, name)),
  ]
  return Promise.all(
    sources.map(async (source) => {
      const path = join(dataDir, 'uploads', randomUUID() + extname(source))
      await copyFile(source, path)
      return { name: source.slice(dirname(source).length + 1), path, bytes: (await stat(path)).size }
    }),
  )
}
