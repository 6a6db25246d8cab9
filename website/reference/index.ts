import { entryPoints, type EntryPoint } from './entries.ts'
import { generatedTypes } from './generated.ts'
import type { Module } from './model.ts'
import { readModules } from './modules.ts'
import { NameIndex } from './names.ts'
import { modulePage } from './page.ts'
import { openProgram } from './program.ts'

/** The reference of all that can be imported. */
export interface Reference {
  readonly modules: readonly Module[]
  /** Markdown by the name of the page, without `.md`. */
  readonly pages: ReadonlyMap<string, string>
}

/** Reads the docstrings of every public package and writes a page for each entry point. */
export async function buildReference(entries: readonly EntryPoint[] = entryPoints()): Promise<Reference> {
  const modules = readModules(openProgram(entries, await generatedTypes()), entries)
  const names = new NameIndex(modules)
  return { modules, pages: new Map(modules.map((module) => [module.page, modulePage(module, names)])) }
}
