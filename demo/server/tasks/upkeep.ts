import { readdir, stat, statfs, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { taskLog, type TaskManager } from '@taskloom/engine'
import { reportPage } from '../pages/report.ts'
import type { Workshop } from './index.ts'

export function scheduleUpkeep(tasks: TaskManager, { db, dataDir }: Workshop): void {
  tasks.schedule('nightly_report', { cron: '0 2 * * *', timezone: 'Europe/Berlin' }, async () => {
    const figures = db.figures()
    const name = `${new Date().toISOString().slice(0, 10)}.html`
    await writeFile(join(dataDir, 'reports', name), reportPage(figures, db.orders().slice(0, 20)))
    taskLog(`${name}: ${figures.orders} orders, ${figures.undelivered} undelivered`)
    return { file: name, ...figures }
  })

  tasks.schedule('heartbeat', { every: '30s' }, async () => {
    const { bavail, bsize } = await statfs(dataDir)
    const usedBytes = await folderBytes(dataDir)
    db.addBeat(Date.now(), bavail * bsize, usedBytes)
    return { freeBytes: bavail * bsize, usedBytes }
  })
}

async function folderBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  const sizes = await Promise.all(
    files.map((entry) =>
      stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
