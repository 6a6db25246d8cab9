import type { TaskManager } from '@taskloom/engine'
import type { Letter } from '../mail.ts'
import type { ShopDb } from '../shop-db.ts'
import { defineImageTasks } from './images.ts'
import { defineListTasks } from './lists.ts'
import { defineOrderTasks } from './orders.ts'
import { scheduleUpkeep } from './upkeep.ts'

/** What the shop's tasks work with. */
export interface Workshop {
  readonly db: ShopDb
  readonly dataDir: string
  readonly sendMail: (letter: Letter) => Promise<{ readonly messageId: string; readonly response: string }>
  readonly receiverUrl: string
  readonly webhookDelayMs: number
  readonly webhookTimeoutMs: number
}

export type Work = ReturnType<typeof defineTasks>

export function defineTasks(tasks: TaskManager, workshop: Workshop) {
  scheduleUpkeep(tasks, workshop)
  return {
    ...defineImageTasks(tasks, workshop),
    ...defineListTasks(tasks, workshop),
    ...defineOrderTasks(tasks, workshop),
  }
}
