import { fileURLToPath } from 'node:url'
import { cli } from '@custom-elements-manifest/analyzer/cli.js'

const folder = fileURLToPath(new URL('../packages/dashboard/', import.meta.url))

/** The elements that pages use, read out of their source: attributes, properties, methods, events, slots, parts. */
export async function readManifest() {
  const argv = ['analyze', '--config', 'custom-elements-manifest.config.mjs', '--quiet']
  const manifest = await cli({ argv, cwd: folder, noWrite: true })
  for (const module of manifest.modules) {
    module.path = distPath(module.path)
    for (const { declaration } of module.exports ?? []) declaration.module = distPath(declaration.module)
    for (const { members = [], attributes = [] } of module.declarations) {
      for (const { inheritedFrom } of [...members, ...attributes]) {
        if (inheritedFrom?.module) inheritedFrom.module = distPath(inheritedFrom.module)
      }
    }
  }
  return manifest
}

/** The elements alone, the dashboard first. */
export function elementsOf(manifest) {
  return manifest.modules.flatMap(({ declarations }) => declarations)
}

/** Whoever reads it has the built files. */
function distPath(path) {
  return path.replace(/^(?:\.?\/)?src\//, 'dist/').replace(/\.ts$/, '.js')
}
