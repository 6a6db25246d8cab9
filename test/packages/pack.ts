import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'

export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** All that is published, each after what it needs. */
export const packageNames = ['protocol', 'client', 'dashboard', 'engine', 'testkit'] as const
export type PackageName = (typeof packageNames)[number]

/** What `npm publish` would send. */
export interface Packed {
  readonly tarball: string
  /** Bytes of the tarball. */
  readonly size: number
  /** Paths from the package's root. */
  readonly files: readonly string[]
}

interface NpmAnswer {
  readonly name: string
  readonly filename: string
  readonly size: number
  readonly files: readonly { readonly path: string }[]
}

/** Packs every package into the folder, as they are built now. */
export async function packAll(folder: string): Promise<ReadonlyMap<PackageName, Packed>> {
  requireBuilt()
  const paths = packageNames.map((name) => `./packages/${name}`)
  const args = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder, ...paths]
  const { stdout } = await promisify(execFile)('npm', args, { cwd: root, maxBuffer: 64 * 1024 * 1024 })
  const answers = Object.values(JSON.parse(stdout) as Record<string, NpmAnswer>)
  return new Map(packageNames.map((name) => [name, packedOf(folder, name, answers)]))
}

function packedOf(folder: string, name: PackageName, answers: readonly NpmAnswer[]): Packed {
  const answer = answers.find((candidate) => candidate.name === `@taskloom/${name}`)
  if (!answer) throw new Error(`npm packed no @taskloom/${name}`)
  return {
    tarball: join(folder, answer.filename),
    size: answer.size,
    files: answer.files.map(({ path }) => path),
  }
}

function requireBuilt(): void {
  const last = ['engine/dist/index.js', 'dashboard/dist/cdn/task-dashboard.js', 'dashboard/dist/custom-elements.json']
  const missing = last.filter((path) => !existsSync(join(root, 'packages', path)))
  if (missing.length > 0) throw new Error(`Not built: ${missing.join(', ')}. Run \`npm run build\` first.`)
}
