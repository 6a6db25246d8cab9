import { execFile } from 'node:child_process'
import { accessSync, constants, existsSync, readdirSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { readManifest } from './manifest.ts'
import { packageNames, root } from './pack.ts'

const workflows = join(root, '.github/workflows')
const version = readManifest('engine').version

it('publishes every package that is not private, openly and with its provenance', () => {
  const open = readdirSync(join(root, 'packages')).filter((folder) => !manifestOf(`packages/${folder}`).private)
  expect(open.toSorted()).toEqual(packageNames.toSorted())
  for (const name of packageNames) {
    expect(readManifest(name).publishConfig).toEqual({ access: 'public', provenance: true })
    // npm compares it with where the job runs.
    expect(readManifest(name)).toMatchObject({ repository: { url: 'git+https://github.com/taskloom/taskloom.git' } })
  }
})

describe.each(readdirSync(workflows))('the workflow %s', (file) => {
  const text = readFileSync(join(workflows, file), 'utf8')
  const { scripts } = manifestOf('.')

  it('runs what there is', () => {
    const asked = [...text.matchAll(/npm run ([\w:-]+)/g)].map(([, name = '']) => name)
    expect(asked.filter((name) => scripts[name] === undefined)).toEqual([])
    const programs = [...text.matchAll(/run: (\.\/\S+)/g)].map(([, path = '']) => join(root, path))
    for (const program of programs) accessSync(program, constants.X_OK)
    const parts = [...text.matchAll(/uses: (\.\/\S+)/g)].map(([, path = '']) => path)
    expect(parts.filter((path) => !existsSync(join(root, path)))).toEqual([])
    expect(asked.length + programs.length + parts.length).toBeGreaterThan(0)
  })

  it('may read the repository and nothing else, and has no secret', () => {
    expect(text).toMatch(/^permissions:\n {2}contents: read\n\n/m)
    expect(text).not.toMatch(/secrets/i)
    const writes = [...text.matchAll(/([\w-]+): write\b/g)].map(([, name]) => name)
    expect(writes).toEqual(file === 'release.yml' ? ['id-token'] : [])
  })
})

it('the workflow of a release waits for the checks', () => {
  const text = readFileSync(join(workflows, 'release.yml'), 'utf8')
  expect(text).toMatch(/ {2}check:\n {4}uses: \.\/\.github\/workflows\/ci\.yml\n/)
  expect(text).toMatch(/ {2}publish:\n {4}needs: check\n/)
  expect(readFileSync(join(workflows, 'ci.yml'), 'utf8')).toContain('- run: ./.ci/run\n')
})

describe('the script of a release', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'taskloom-release-'))
    for (const path of ['scripts', '.changeset', ...packageNames.map((name) => `packages/${name}`)]) {
      await mkdir(join(folder, path), { recursive: true })
    }
    await cp(join(root, 'scripts/release.mjs'), join(folder, 'scripts/release.mjs'))
    for (const name of packageNames) {
      const path = `packages/${name}/package.json`
      await cp(join(root, path), join(folder, path))
    }
    await writeFile(join(folder, 'CHANGELOG.md'), `# Changelog\n\n## ${version} (unreleased)\n`)
    await writeFile(join(folder, '.changeset/new-method.md'), '---\n---\n')
  })
  afterAll(() => rm(folder, { recursive: true, force: true }))

  it.each(['', 'main', '0.1.0', 'v1', 'v0.1.0; echo'])('refuses %j, which is no tag of a version', async (tag) => {
    expect(await refusal(folder, tag)).toContain('expected the tag of a version, such as v0.1.0')
  })

  it('refuses a tag that the packages do not have', async () => {
    const said = await refusal(folder, 'v987.6.5')
    for (const name of packageNames) {
      expect(said).toContain(`@taskloom/${name} is ${version}, the tag says 987.6.5`)
    }
  })

  it('refuses a version that has no date, and to leave a changeset behind', async () => {
    const said = await refusal(folder, `v${version}`)
    expect(said).toBe(
      `CHANGELOG.md has no heading "## ${version} (" with the date\n` +
        '.changeset/new-method.md waits: run `npx changeset version` first\n',
    )
  })
})

/** What the script says when it ends with 1; it is in the folder that it is about. */
function refusal(folder: string, tag: string): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(process.execPath, [join(folder, 'scripts/release.mjs'), tag], (error, stdout, stderr) => {
      if (error?.code === 1) resolve(stdout + stderr)
      else reject(error ?? new Error(`It did not refuse ${tag}: ${stdout}`))
    })
  })
}

function manifestOf(path: string) {
  return JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8')) as {
    readonly private?: boolean
    readonly scripts: Readonly<Record<string, string>>
  }
}
