import { formatFilter, type TaskFilter } from '@taskloom/protocol'
import type { DashboardStore } from '../state.ts'
import type { StoreCore } from './core.ts'

export type Selection = Pick<DashboardStore, 'select' | 'selectAll' | 'clearSelection' | 'markGoing'>

/** What is chosen for an action on many: tasks one by one, or all of a filter. */
export function createSelection(core: StoreCore): Selection {
  return {
    select(taskIds, isSelected) {
      const { selectedAll, selectedIds, list } = core.state
      // One that is taken out of "all" leaves the others that can be seen.
      const next = new Set(selectedAll ? list.tasks.map(({ taskId }) => taskId) : selectedIds)
      for (const taskId of taskIds) {
        if (isSelected) next.add(taskId)
        else next.delete(taskId)
      }
      if (!selectedAll || !isSelected) core.update({ selectedIds: next, selectedAll: null })
    },
    selectAll: () => core.update({ selectedIds: new Set(), selectedAll: filterWords(core.asked.filter) }),
    clearSelection: () => core.update({ selectedIds: new Set(), selectedAll: null }),
    markGoing: (taskIds) => core.update({ goingIds: new Set(taskIds) }),
  }
}

/** A filter as `POST /bulk` reads it: the parameters of the list by name. */
export function filterWords(filter: Partial<TaskFilter>): Readonly<Record<string, readonly string[]>> {
  const params = formatFilter(filter)
  return Object.fromEntries([...params.keys()].map((name) => [name, params.getAll(name)]))
}
