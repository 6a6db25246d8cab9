// Writes what editors want to know of the elements into packages/dashboard/dist: the custom-elements manifest, data for
// VS Code and JetBrains, and types for JSX, React and Vue. Run after `tsc -b`; `--into` names another folder.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { elementsOf, readManifest } from './element-manifest.mjs'
import { jsxTypes, reactTypes, vueTypes } from './jsx-types.mjs'

const folder = fileURLToPath(new URL('../packages/dashboard/', import.meta.url))
const into = process.argv.indexOf('--into')
const outdir = into < 0 ? join(folder, 'dist') : resolve(process.argv[into + 1] ?? '')

const manifest = await readManifest()
const elements = elementsOf(manifest)
mkdirSync(outdir, { recursive: true })
write('custom-elements.json', `${JSON.stringify(manifest, null, 2)}\n`)
write('jsx.d.ts', jsxTypes(elements))
write('react.d.ts', reactTypes())
write('vue.d.ts', vueTypes(elements))

// They read the package's name and version from the working folder when they are loaded.
process.chdir(folder)
const { generateVsCodeCustomElementData } = await import('custom-element-vs-code-integration')
const { generateJetBrainsWebTypes } = await import('custom-element-jet-brains-integration')
generateVsCodeCustomElementData(manifest, {
  outdir,
  htmlFileName: 'vscode.html-custom-data.json',
  cssFileName: 'vscode.css-custom-data.json',
})
generateJetBrainsWebTypes(manifest, { outdir, webTypesFileName: 'web-types.json', packageJson: false })

function write(name, text) {
  writeFileSync(join(outdir, name), text)
}
