import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
// The published suite on the example's store.
import '../../examples/own-store/json-lines.test.ts'
import { listTasks, postForm, Workshop } from './running.ts'

let workshop: Workshop
beforeEach(async () => {
  workshop = await Workshop.open()
})
afterEach(() => workshop.close())

describe('the example own-store', () => {
  it('has its tasks again after it was killed in the middle of a line', { timeout: 60_000 }, async () => {
    const first = await workshop.start('own-store', 'server.ts')
    expect(await (await fetch(first.origin)).text()).toContain('<task-dashboard src="/tasks">')
    await postForm(`${first.origin}/dice`)
    await postForm(`${first.origin}/dice`)
    const both = [
      { func_name: 'roll_dice', status: 'success' },
      { func_name: 'roll_dice', status: 'success' },
    ]
    await expect.poll(() => listTasks(first.origin), { timeout: 20_000 }).toMatchObject(both)
    const before = await listTasks(first.origin)
    await first.stop('SIGKILL')

    const file = join(workshop.folder, 'tasks.jsonl')
    await writeFile(file, '["tasks","write",[[{"previous":null,"ne', { flag: 'a' })
    const second = await workshop.start('own-store', 'server.ts')
    expect(await listTasks(second.origin)).toEqual(before)
    await postForm(`${second.origin}/dice`)
    await expect.poll(() => listTasks(second.origin), { timeout: 20_000 }).toHaveLength(3)
    expect(await second.stop()).toBe(0)
    for (const line of (await readFile(file, 'utf8')).trimEnd().split('\n')) expect(JSON.parse(line)).toHaveLength(3)
  })
})
