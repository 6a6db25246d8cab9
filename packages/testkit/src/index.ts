export { buildId, buildRecord } from './build-record.ts'
export { describeStore } from './store-suite.ts'
