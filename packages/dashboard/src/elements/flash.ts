import type { TaskSummary } from '@taskloom/protocol'

const flashMs = 900
/** Where more change at once, light says nothing, and costs every frame for as long as it lasts. */
const mostFlashed = 8

type CellValues = ReadonlyMap<string, string>

/** Remembers what each row showed; cells whose value changed light up once, unless less motion is wanted. */
export function flashRows(): (
  root: ParentNode,
  tasks: readonly TaskSummary[],
  changedIds: ReadonlySet<string>,
) => void {
  let shown = new Map<string, CellValues>()
  return (root, tasks, changedIds) => {
    const before = shown
    shown = new Map(tasks.map((task) => [task.taskId, valuesOf(task)]))
    if (
      changedIds.size === 0 ||
      changedIds.size > mostFlashed ||
      matchMedia('(prefers-reduced-motion: reduce)').matches
    )
      return
    for (const row of root.querySelectorAll<HTMLElement>('tr[data-task-id]')) {
      const id = row.dataset['taskId'] ?? ''
      if (!changedIds.has(id)) continue
      const old = before.get(id)
      for (const [column, value] of shown.get(id) ?? []) {
        if (old?.get(column) !== value) flash(row.querySelector(`[data-column="${column}"]`))
      }
    }
  }
}

function valuesOf(task: TaskSummary): CellValues {
  return new Map([
    ['status', task.status],
    ['function', JSON.stringify([task.progress, task.runAt])],
    ['retries', `${task.retriesUsed}/${task.maxRetries}`],
    ['duration', String(task.durationMs)],
    ['error', task.error ?? ''],
  ])
}

function flash(cell: Element | null): void {
  cell?.animate([{ backgroundColor: 'var(--td-selected)' }, { backgroundColor: 'transparent' }], {
    duration: flashMs,
    easing: 'ease-out',
  })
}
