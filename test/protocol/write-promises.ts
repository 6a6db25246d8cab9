// Writes down what the protocol promises now, once per release: `node --import tsx test/protocol/write-promises.ts`, then
// `npx prettier --write test/protocol/promised.json`.
import { writeFileSync } from 'node:fs'
import { openApiDocument } from '../../packages/protocol/src/index.ts'
import { promisesOf, type Document } from './promises.ts'

const promises = promisesOf(openApiDocument('Tasks') as unknown as Document)
writeFileSync(new URL('promised.json', import.meta.url), `${JSON.stringify(promises, null, 2)}\n`)
