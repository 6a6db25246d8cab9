export { transition } from '../core/record.ts'
export type { LogLine, TaskRecord, Transition } from '../core/record.ts'
export { memory } from './memory.ts'
export type * from './store.ts'
