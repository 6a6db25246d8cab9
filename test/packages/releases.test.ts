import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readManifest, type Manifest } from './manifest.ts'
import { packageNames, root } from './pack.ts'

describe('all packages', () => {
  it('have one version, and ask for exactly that of one another', () => {
    expect(versionsOf(packageNames.map(readManifest))).toEqual(['0.1.0'])
  })
})

describe('a release', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'taskloom-release-'))
    const manifests = [...packageNames.map((name) => `packages/${name}`), 'demo', '.']
    for (const path of manifests) {
      await mkdir(join(folder, path), { recursive: true })
      await cp(join(root, path, 'package.json'), join(folder, path, 'package.json'))
    }
    await cp(join(root, 'package-lock.json'), join(folder, 'package-lock.json'))
    await mkdir(join(folder, '.changeset'))
    await cp(join(root, '.changeset/config.json'), join(folder, '.changeset/config.json'))
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it('raises all packages by the changeset of one', { timeout: 60_000 }, async () => {
    const changeset = `---\n'@taskloom/client': minor\n---\n\nA new method.\n`
    await writeFile(join(folder, '.changeset/new-method.md'), changeset)
    const program = join(root, 'node_modules/@changesets/cli/bin.js')
    await promisify(execFile)(process.execPath, [program, 'version'], { cwd: folder })
    const manifests = packageNames.map(async (name) =>
      JSON.parse(await readFile(join(folder, 'packages', name, 'package.json'), 'utf8')),
    )
    expect(versionsOf(await Promise.all(manifests))).toEqual(['0.2.0'])
  })
})

describe('the table of what is tested', () => {
  const text = readFileSync(join(root, 'docs/releases.md'), 'utf8')
  const claims = [...text.matchAll(/`((?:@[\w-]+\/)?[a-z][\w-]*)@(\d[\d.]*)`/g)].map(([, name = '', version = '']) => ({
    name,
    version,
  }))

  it('names packages', () => {
    expect(claims.length).toBeGreaterThan(12)
  })

  it.each(claims)('is right about $name $version', ({ name, version }) => {
    const { version: installed } = JSON.parse(
      readFileSync(join(root, 'node_modules', name, 'package.json'), 'utf8'),
    ) as Manifest
    expect(`${installed}.`.startsWith(`${version}.`)).toBe(true)
  })
})

/** Every version that the packages have, or ask of each other. */
function versionsOf(manifests: readonly Manifest[]): string[] {
  const asked = manifests.flatMap(({ dependencies = {}, peerDependencies = {} }) =>
    Object.entries({ ...dependencies, ...peerDependencies }).filter(([name]) => name.startsWith('@taskloom/')),
  )
  return [...new Set([...manifests.map(({ version }) => version), ...asked.map(([, range]) => range)])]
}
