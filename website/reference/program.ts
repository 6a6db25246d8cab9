import { join } from 'node:path'
import ts from 'typescript'
import { root, type EntryPoint } from './entries.ts'

/**
 * The sources of all packages as one program, in which packages find each other's sources: what is written there of a
 * field is lost in the declarations that a build makes. `generated` are files that exist only after a build.
 */
export function openProgram(entries: readonly EntryPoint[], generated: ReadonlyMap<string, string>): ts.Program {
  const options = optionsFor(entries)
  const host = ts.createCompilerHost(options)
  const virtual = new Map([...generated].map(([name, text]) => [join(root, 'packages/dashboard/src', name), text]))
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (path) => virtual.has(path) || fileExists(path)
  host.readFile = (path) => virtual.get(path) ?? readFile(path)
  host.getSourceFile = (path, target, ...rest) => {
    const text = virtual.get(path)
    return text === undefined ? getSourceFile(path, target, ...rest) : ts.createSourceFile(path, text, target, true)
  }
  const files = [...new Set(entries.map(({ file }) => file))]
  const missing = files.filter((file) => !host.fileExists(file))
  if (missing.length > 0) throw new Error(`No source is known of ${missing.join(', ')}`)
  return ts.createProgram(files, options, host)
}

function optionsFor(entries: readonly EntryPoint[]): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.base.json'), (path) => ts.sys.readFile(path)) as {
    readonly config: object
  }
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  return {
    ...options,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
    experimentalDecorators: true,
    useDefineForClassFields: false,
    allowImportingTsExtensions: true,
    noEmit: true,
    paths: Object.fromEntries(entries.map(({ specifier, file }) => [specifier, [file]])),
  }
}
