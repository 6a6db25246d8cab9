import type { FunctionEntry } from '@taskloom/protocol'

/** By what functions are sorted. */
export type FunctionOrder = 'name' | 'runs' | 'failed' | 'p95'

/** Those whose name, queue or description holds the text, in the order that is asked for. */
export function arrangeFunctions(
  functions: readonly FunctionEntry[],
  find: string,
  order: FunctionOrder,
): readonly FunctionEntry[] {
  const wanted = find.trim().toLowerCase()
  const keyOf: Readonly<Record<FunctionOrder, (view: FunctionEntry) => number>> = {
    name: () => 0,
    runs: ({ stats }) => -stats.total,
    failed: ({ stats }) => -stats.failed,
    p95: ({ stats }) => -(stats.p95DurationMs ?? -1),
  }
  return functions
    .filter(({ funcName, queue, description }) =>
      `${funcName} ${queue} ${description ?? ''}`.toLowerCase().includes(wanted),
    )
    .sort((one, other) => keyOf[order](one) - keyOf[order](other) || one.funcName.localeCompare(other.funcName))
}
