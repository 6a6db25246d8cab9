import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'

const mostBytes = 60_000

describe('the files for a script tag', () => {
  it.each(['task-dashboard.js', 'task-dashboard.iife.js'])('%s is at most 60,000 bytes', async (name) => {
    expect(gzipSync(await built(name), { level: 9 }).length).toBeLessThanOrEqual(mostBytes)
  })

  it('task-siblings.js, for pages without the dashboard, is at most 25,000 bytes', async () => {
    expect(gzipSync(await built('task-siblings.js'), { level: 9 }).length).toBeLessThanOrEqual(25_000)
  })

  it('draws the rows alone: it loads nothing else before it is asked to', async () => {
    const text = String(await built('task-dashboard.js'))
    expect(text.match(/\bimport\s*["'{*]|\bfrom\s*["']/g)).toBeNull()
    expect(text).toMatch(/import\(["'`]\.\/parts\//)
  })
})

function built(name: string): Promise<Buffer> {
  return readFile(new URL(`../packages/dashboard/dist/cdn/${name}`, import.meta.url))
}
