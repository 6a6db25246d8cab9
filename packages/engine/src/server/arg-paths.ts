import type { Json } from '@taskloom/protocol'
import { isMasked } from './redaction.ts'

const maxDepth = 8
/** Paths that are looked at in one list of arguments. */
const maxPaths = 200

/**
 * The paths of a list of arguments as a search writes them: those of plain arguments begin with their number, those inside
 * an argument with the name of its part. Of a list inside only the first item. None that is hidden, masked, or cannot be
 * written in a search.
 */
export function argPaths(args: Json, isHidden: (path: readonly string[]) => boolean): readonly string[] {
  if (!Array.isArray(args)) return []
  const paths: string[] = []
  const visit = (value: Json, path: readonly string[]): void => {
    if (paths.length >= maxPaths || isHidden(path)) return
    if (typeof value !== 'object' || value === null) {
      if (!isMasked(value)) paths.push(path.join('.'))
      return
    }
    if (path.length >= maxDepth) return
    const members = Array.isArray(value) ? Object.entries(value.slice(0, 1)) : Object.entries(value)
    for (const [step, inner] of members) if (isStep(step)) visit(inner as Json, [...path, step])
  }
  for (const [index, argument] of (args as readonly Json[]).entries()) {
    if (typeof argument !== 'object' || argument === null || Array.isArray(argument)) visit(argument, [String(index)])
    else for (const [step, inner] of Object.entries(argument)) if (isStep(step)) visit(inner, [step])
  }
  return paths
}

/** The values at a path, in the list itself or in one of the arguments, as a search compares them. */
export function argValues(args: Json, path: readonly string[]): readonly string[] {
  if (!Array.isArray(args)) return []
  return [args as Json, ...(args as readonly Json[])].flatMap((root) => {
    const value = path.reduce<unknown>(partAt, root)
    if (typeof value === 'string') return [value]
    return typeof value === 'number' || typeof value === 'boolean' || value === null ? [String(value)] : []
  })
}

function partAt(value: unknown, step: string): unknown {
  const hasIt = typeof value === 'object' && value !== null && Object.hasOwn(value, step)
  return hasIt ? (value as Readonly<Record<string, unknown>>)[step] : undefined
}

/** Whether a search can write it as one step. */
function isStep(name: string): boolean {
  return name !== '' && name.length <= 100 && !/[\s.:"\0]/.test(name)
}
