import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CommandError, exitCodes, usageError } from './exit.ts'

/** What a module of the user exports. Throws a usage error that says what to do. */
export async function loadModule(url: URL, option: string): Promise<Readonly<Record<string, unknown>>> {
  const path = fileURLToPath(url)
  if (!existsSync(path)) throw usageError(`${option}: there is no file ${path}`)
  try {
    return (await import(url.href)) as Readonly<Record<string, unknown>>
  } catch (error) {
    const { code, message } = error as Error & { readonly code?: string }
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION') {
      throw usageError(`${option}: this Node cannot read ${path}; set NODE_OPTIONS="--import tsx", or name a .js file`)
    }
    throw new CommandError(exitCodes.failed, `${option}: ${path} could not be imported: ${message}`)
  }
}
