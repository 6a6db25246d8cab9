import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sqlite } from '@taskloom/engine/store'
import { describeStore } from '@taskloom/testkit'
import { afterAll } from 'vitest'

const folder = mkdtempSync(join(tmpdir(), 'taskloom-store-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))
let files = 0
const nextFile = () => join(folder, `${(files += 1)}.db`)

describeStore('sqlite', () => sqlite(nextFile()))
