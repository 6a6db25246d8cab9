import type { Server } from './server.ts'

/** What to do about a refusal that the command line can help with; null where it cannot. */
export function hintFor(reason: string, { kind, hasModule }: Pick<Server, 'kind' | 'hasModule'>): string | null {
  if (reason !== 'not_registered') return null
  if (kind === 'remote') return 'The application at --url does not define the function; ask one that does'
  if (hasModule) return 'The module does not define the function: give --module FILE with one that does'
  return 'No functions are known here: give --module FILE with the module that defines them'
}
