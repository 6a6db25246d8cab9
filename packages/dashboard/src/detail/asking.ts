import { ErrorElsewhere } from './elsewhere.ts'
import { Lineage } from './lineage.ts'
import { RevealBar } from './reveal.ts'
import { TaskAudit } from './task-audit.ts'

/** What of an open task has to be asked for: it comes after the panel. */
export const elements = {
  'task-lineage': Lineage,
  'task-reveal': RevealBar,
  'task-error-elsewhere': ErrorElsewhere,
  'task-task-audit': TaskAudit,
}
