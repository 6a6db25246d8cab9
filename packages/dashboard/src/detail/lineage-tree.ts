import type { TaskSummary } from '@taskloom/protocol'

/** A task among those it was retried from and as. */
export interface LineageNode {
  readonly taskId: string
  /** What is known of it; null where only its id is. */
  readonly task: TaskSummary | null
  /** 1 for the first. */
  readonly level: number
}

/** What an open task says of itself, for servers that tell no more. */
export interface Kin {
  readonly taskId: string
  readonly parentId: string | null
  readonly childIds: readonly string[]
}

/** Tasks in the order of a tree, those that were retried before their retries, the oldest first. Pure. */
export function lineageTree(
  tasks: readonly TaskSummary[],
  { taskId, parentId, childIds }: Kin,
): readonly LineageNode[] {
  if (tasks.length === 0) {
    const above = parentId === null ? [] : [unknown(parentId, 1)]
    const level = above.length + 1
    return [...above, unknown(taskId, level), ...childIds.map((id) => unknown(id, level + 1))]
  }
  const known = new Set(tasks.map((task) => task.taskId))
  const seen = new Set<string>()
  const nodes: LineageNode[] = []
  const visit = (task: TaskSummary, level: number): void => {
    if (seen.has(task.taskId)) return
    seen.add(task.taskId)
    nodes.push({ taskId: task.taskId, task, level })
    const retries = tasks.filter(({ retriedFrom }) => retriedFrom === task.taskId)
    for (const retry of [...retries].sort((a, b) => a.createdAt - b.createdAt)) visit(retry, level + 1)
  }
  for (const task of tasks) if (task.retriedFrom === null || !known.has(task.retriedFrom)) visit(task, 1)
  return nodes
}

function unknown(taskId: string, level: number): LineageNode {
  return { taskId, task: null, level }
}
