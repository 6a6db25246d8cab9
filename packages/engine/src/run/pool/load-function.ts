import { isAbsolute } from 'node:path'
import { pathToFileURL } from 'node:url'
import { describeThrown, type ThrownText } from '../../core/error-text.ts'

export type LoadedFunction = (...args: readonly unknown[]) => unknown

/** A function could not be loaded. `isPermanent` when trying again cannot help. */
export class LoadError extends Error {
  override readonly name = 'LoadError'
  constructor(
    readonly code: 'module_not_found' | 'export_not_found' | 'import_failed',
    message: string,
    readonly isPermanent: boolean,
    options: { readonly cause?: unknown } = {},
  ) {
    super(message, options)
  }
}

/** Imports a module and gives its function of that name; throws a {@link LoadError}. */
export async function loadFunction(module: string, exportName: string): Promise<LoadedFunction> {
  const found = (await importModule(module))[exportName]
  if (typeof found === 'function') return found as LoadedFunction
  throw new LoadError('export_not_found', `${module} exports no function ${exportName}`, true)
}

async function importModule(module: string): Promise<Readonly<Record<string, unknown>>> {
  const url = isAbsolute(module) ? pathToFileURL(module).href : module
  try {
    return (await import(url)) as Readonly<Record<string, unknown>>
  } catch (cause) {
    const { error, errorCode }: ThrownText = describeThrown(cause)
    if (errorCode !== null && missing.includes(errorCode)) {
      throw new LoadError('module_not_found', `The module is not there: ${error}`, true, { cause })
    }
    throw new LoadError('import_failed', `${module} could not be imported: ${error}`, false, { cause })
  }
}

const missing: readonly string[] = ['ERR_MODULE_NOT_FOUND', 'ERR_UNSUPPORTED_DIR_IMPORT', 'MODULE_NOT_FOUND']
