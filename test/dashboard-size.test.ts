import { readFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'

const mostBytes = 60_000

describe('the files for a script tag', () => {
  it.each(['task-dashboard.js', 'task-dashboard.iife.js'])('%s is at most 60,000 bytes', async (name) => {
    const file = await readFile(new URL(`../packages/dashboard/dist/cdn/${name}`, import.meta.url))
    expect(gzipSync(file, { level: 9 }).length).toBeLessThanOrEqual(mostBytes)
  })
})
