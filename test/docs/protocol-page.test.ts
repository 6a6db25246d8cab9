import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { routes } from '@taskloom/protocol'
import { expect, it } from 'vitest'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

it('the protocol reference is what the route table says', async () => {
  const check = promisify(execFile)(process.execPath, [join(root, 'scripts/docs.mjs'), '--check'])
  await expect(check).resolves.toMatchObject({ stderr: '' })
})

it('the protocol reference names every route', () => {
  const page = readFileSync(join(root, 'docs/protocol.md'), 'utf8')
  const missing = Object.values(routes).filter(({ method, path }) => !page.includes(`### \`${method} /${path}\``))
  expect(missing).toEqual([])
})
