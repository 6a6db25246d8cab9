import '@taskloom/dashboard/define'
import type { TaskDashboard } from '@taskloom/dashboard'

const dashboard: TaskDashboard | null = document.querySelector('task-dashboard')
dashboard?.addEventListener('task-select', (event) => {
  document.querySelector('p')!.textContent = (event as CustomEvent<{ taskId: string }>).detail.taskId
})
