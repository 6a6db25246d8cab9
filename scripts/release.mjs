// Builds and publishes all packages: `npm run release -- v0.1.0`, run by the release job alone. First it makes sure that the
// tag, the packages and the changelog speak of the same version, and that nothing waits to be part of it.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const [tag = ''] = process.argv.slice(2)

const faults = findFaults()
if (faults.length > 0) {
  for (const fault of faults) process.stderr.write(`${fault}\n`)
  process.exit(1)
}
run('npm', 'run', 'build')
// The tag is there already.
run('npx', '--no', 'changeset', 'publish', '--no-git-tag')

function findFaults() {
  if (!/^v\d+\.\d+\.\d+$/.test(tag)) return [`${tag || 'No tag'}: expected the tag of a version, such as v0.1.0`]
  const version = tag.slice(1)
  const others = readdirSync(join(root, 'packages'))
    .map((folder) => JSON.parse(readFileSync(join(root, 'packages', folder, 'package.json'), 'utf8')))
    .filter((manifest) => manifest.version !== version)
  const changelog = readFileSync(join(root, 'CHANGELOG.md'), 'utf8')
  const isDated = changelog.split('\n').some((line) => line.startsWith(`## ${version} (20`))
  const waiting = readdirSync(join(root, '.changeset')).filter((name) => name.endsWith('.md') && name !== 'README.md')
  return [
    ...others.map(({ name, version: its }) => `${name} is ${its}, the tag says ${version}`),
    ...(isDated ? [] : [`CHANGELOG.md has no heading "## ${version} (" with the date`]),
    ...waiting.map((name) => `.changeset/${name} waits: run \`npx changeset version\` first`),
  ]
}

function run(program, ...args) {
  const { status } = spawnSync(program, args, { cwd: root, stdio: 'inherit' })
  if (status !== 0) process.exit(status ?? 1)
}
