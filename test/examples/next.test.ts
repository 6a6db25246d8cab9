import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { examples, Workshop } from './running.ts'
import { useSite } from './use-site.ts'

const folder = join(examples, 'next')
const packages = ['client', 'dashboard', 'engine', 'protocol']

let workshop: Workshop
beforeEach(async () => {
  workshop = await Workshop.open()
  // As npm installs them: what is linked Next would bundle.
  for (const part of packages.flatMap((name) => [`${name}/package.json`, `${name}/dist`])) {
    const from = join(examples, '../packages', part)
    await cp(from, join(folder, 'node_modules/@taskloom', part), { recursive: true })
  }
}, 60_000)
afterEach(async () => {
  await workshop.close()
  for (const made of ['node_modules', '.next', 'next-env.d.ts'])
    await rm(join(folder, made), { recursive: true, force: true, maxRetries: 5 })
}, 60_000)

it('the example next counts what its page sends, shows it, and ends in order', { timeout: 120_000 }, async () => {
  const next = join(examples, 'node_modules/next/dist/bin/next')
  const site = await workshop.run({
    args: [next, 'dev', folder],
    folder: workshop.folder,
    ready: (port) => `http://localhost:${port}`,
    env: { NEXT_TELEMETRY_DISABLED: '1' },
  })
  await useSite(site)
  expect(await site.stop()).toBe(0)
})
