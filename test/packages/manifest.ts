import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, type PackageName } from './pack.ts'

type Versions = Readonly<Record<string, string>>

/** So much of a `package.json` as is asked here. */
export interface Manifest {
  readonly name: string
  readonly version: string
  readonly license: string
  readonly description: string
  readonly author: string
  readonly homepage: string
  readonly keywords: readonly string[]
  readonly repository: { readonly type: string; readonly url: string; readonly directory: string }
  readonly bugs: { readonly url: string }
  readonly engines: { readonly node: string }
  readonly type: string
  readonly sideEffects: boolean | readonly string[]
  readonly exports: Readonly<Record<string, string | { readonly types?: string; readonly default?: string }>>
  readonly bin?: Readonly<Record<string, string>>
  readonly customElements?: string
  readonly unpkg?: string
  readonly jsdelivr?: string
  readonly 'web-types'?: string
  readonly dependencies?: Versions
  readonly optionalDependencies?: Versions
  readonly peerDependencies?: Versions
  readonly publishConfig: { readonly access: string; readonly provenance: boolean }
}

export function readManifest(name: PackageName): Manifest {
  return JSON.parse(readFileSync(join(root, 'packages', name, 'package.json'), 'utf8')) as Manifest
}

/** The files that `exports` leads to, from the package's root; `condition` alone where it is given. */
export function exportTargets(manifest: Manifest, condition?: 'types' | 'default'): string[] {
  const targets = Object.values(manifest.exports).flatMap((target) => {
    if (typeof target === 'string') return condition === 'types' ? [] : [target]
    return Object.entries(target)
      .filter(([key]) => condition === undefined || key === condition)
      .map(([, path]) => path)
  })
  return [...new Set(targets)].map((path) => path.replace(/^\.\//, ''))
}
