import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'

/** For a Node that brings SQLite, which is not the one that the other tests run on. */
export default defineConfig({
  test: {
    root: fileURLToPath(new URL('../../..', import.meta.url)),
    include: ['test/stores/node-sqlite/store.suite.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 10_000 } },
    pool: 'forks',
  },
})
