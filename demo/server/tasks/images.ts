import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { taskLog, type TaskManager } from '@taskloom/engine'
import { Jimp } from 'jimp'
import type { Workshop } from './index.ts'
import { taskSignal } from './signal.ts'

const thumbnailWidth = 320

export function defineImageTasks(tasks: TaskManager, { db, dataDir }: Workshop) {
  const checksum = tasks.define('checksum', { queue: 'files', retries: 1 }, async (fileId: string) => {
    const file = knownFile(fileId)
    const hash = createHash('sha256')
    await pipeline(createReadStream(file.path), hash, { signal: taskSignal() })
    const sha256 = hash.digest('hex')
    db.setChecksum(fileId, sha256)
    taskLog(`${file.name}: ${sha256.slice(0, 12)}… of ${file.bytes} bytes`)
    return { sha256, bytes: file.bytes }
  })

  const thumbnail = tasks.define(
    'thumbnail',
    { queue: 'images', retries: 1, delay: '500ms' },
    async (fileId: string) => {
      const file = knownFile(fileId)
      const image = await Jimp.read(file.path)
      const { width, height } = image
      taskLog(`${file.name} is ${width} × ${height}`)
      taskSignal().throwIfAborted()
      await image.resize({ w: thumbnailWidth }).write(`${join(dataDir, 'thumbnails', fileId)}.jpg`)
      db.setThumbnail(fileId, width, height)
      return { width, height }
    },
  )

  function knownFile(fileId: string) {
    const file = db.file(fileId)
    if (!file) throw new Error(`File ${fileId} is no longer in the catalogue`)
    return file
  }

  return { checksum, thumbnail }
}
