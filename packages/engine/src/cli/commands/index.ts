import type { Command } from '../command.ts'
import { audit } from './audit.ts'
import { cleanup } from './cleanup.ts'
import { dashboard } from './dashboard.ts'
import { deadLetter } from './dead-letter.ts'
import { hashPassword } from './hash-password.ts'
import { inspect } from './inspect.ts'
import { migrate } from './migrate.ts'
import { queues } from './queues.ts'
import { schedules } from './schedules.ts'
import { show } from './show.ts'
import { cancel, retry } from './single.ts'
import { status } from './status.ts'
import { tasks } from './tasks.ts'
import { workers } from './workers.ts'

/** Every command, in the order of the help. */
export const commands: readonly Command[] = [
  dashboard,
  status,
  inspect,
  tasks,
  show,
  retry,
  cancel,
  ...deadLetter,
  ...schedules,
  ...queues,
  workers,
  cleanup,
  ...audit,
  migrate,
  hashPassword,
]
