import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url))

/** A module that users import. */
export interface EntryPoint {
  /** As it is imported: `@taskloom/engine/express`. */
  readonly specifier: string
  /** Its source, or where the types that are written from the elements would stand. */
  readonly file: string
  /** Its page below `api/`, without `.md`. */
  readonly page: string
}

/** The public packages in the order of the reference: what most readers look for first. */
export const publicPackages = ['engine', 'dashboard', 'client', 'protocol', 'testkit'] as const

type Exports = Readonly<Record<string, string | { readonly types?: string }>>

/** Every module that the `exports` of the packages offer; files that are no modules have no names. */
export function entryPoints(): readonly EntryPoint[] {
  return publicPackages.flatMap((name) => {
    const folder = join(root, 'packages', name)
    const { exports } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { exports: Exports }
    return Object.entries(exports).flatMap(([path, target]) => {
      if (typeof target === 'string' || target.types === undefined) return []
      const below = path.replace(/^\.\/?/, '')
      return [
        {
          specifier: ['@taskloom', name, below].filter((part) => part !== '').join('/'),
          file: sourceOf(folder, target.types),
          page: [name, ...below.split('/')].filter((part) => part !== '').join('-'),
        },
      ]
    })
  })
}

function sourceOf(folder: string, types: string): string {
  const written = join(folder, types.replace('./dist/', 'src/'))
  const source = written.replace(/\.d\.ts$/, '.ts')
  return existsSync(source) ? source : written
}
