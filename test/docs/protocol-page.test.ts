import { execFile } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
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

it('every relative link of the documentation leads somewhere', () => {
  const guides = readdirSync(join(root, 'docs')).filter((name) => name.endsWith('.md'))
  const pages = ['README.md', 'CONTRIBUTING.md', 'CHANGELOG.md', ...guides.map((name) => `docs/${name}`)]
  for (const page of pages) {
    const text = readFileSync(join(root, page), 'utf8')
    for (const [, target = ''] of text.matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [path = '', anchor] = target.split('#')
      const linked = path === '' ? join(root, page) : join(root, dirname(page), path)
      expect(existsSync(linked), `${page} → ${target}`).toBe(true)
      if (anchor) expect(anchors(readFileSync(linked, 'utf8')), `${page} → ${target}`).toContain(anchor)
    }
  }
})

function anchors(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .replace(/\s/g, '-'),
  )
}
