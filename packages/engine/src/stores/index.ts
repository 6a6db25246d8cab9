export { memory } from './memory.ts'
export type * from './store.ts'
