export { TaskDashboard } from './task-dashboard.ts'
export type { DashboardEvents, Density, Theme } from './events.ts'
export { createFormats, type Formats } from './format.ts'
export { elements } from './elements.ts'
