import { pathToFileURL } from 'node:url'
import { root } from './entries.ts'

interface Manifest {
  readonly modules: readonly unknown[]
}
interface Scripts {
  readonly readManifest: () => Promise<Manifest>
  readonly elementsOf: (manifest: Manifest) => readonly unknown[]
  readonly jsxTypes: (elements: readonly unknown[]) => string
  readonly reactTypes: () => string
  readonly vueTypes: (elements: readonly unknown[]) => string
}

/** The types of `@taskloom/dashboard` that are written from its elements, by the names of their files. */
export async function generatedTypes(): Promise<ReadonlyMap<string, string>> {
  const { readManifest, elementsOf, jsxTypes, reactTypes, vueTypes } = {
    ...(await load('element-manifest.mjs')),
    ...(await load('jsx-types.mjs')),
  } as Scripts
  const elements = elementsOf(await readManifest())
  return new Map([
    ['jsx.d.ts', jsxTypes(elements)],
    ['react.d.ts', reactTypes()],
    ['vue.d.ts', vueTypes(elements)],
  ])
}

async function load(name: string): Promise<Partial<Scripts>> {
  return (await import(/* @vite-ignore */ pathToFileURL(`${root}scripts/${name}`).href)) as Partial<Scripts>
}
