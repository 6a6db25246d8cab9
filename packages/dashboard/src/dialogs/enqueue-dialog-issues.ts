import type { Problem } from '@taskloom/protocol'
import type { Issue } from '../form/check.ts'

/** What a refusal says of places in the arguments and options; empty where it speaks of none. */
export function issuesOf({ extra }: Problem): readonly Issue[] {
  const issues = extra?.['issues']
  if (!Array.isArray(issues)) return []
  return (issues as readonly unknown[]).flatMap((issue) => {
    const { path, message } = (issue ?? {}) as { readonly path?: unknown; readonly message?: unknown }
    if (typeof message !== 'string') return []
    return [{ path: typeof path === 'string' ? path : '', words: { text: message.slice(0, 500) } }]
  })
}
