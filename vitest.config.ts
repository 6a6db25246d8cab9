import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/dashboard/**', '**/node_modules/**'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // Polls wait for moments, however busy the machine is.
    expect: { poll: { timeout: 10_000 } },
    pool: 'forks',
    // What is built is loaded as it is: nothing is transformed once more for each file of tests.
    server: { deps: { external: [/\/packages\/[a-z]+\/dist\//] } },
    maxWorkers: 2,
  },
})
