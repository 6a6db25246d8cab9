import { runAtDesk } from './context.ts'
import type { Executor } from './executor.ts'

/** Runs functions on the event loop of this process. */
export const inline: Executor = {
  execute: ({ definition, args, desk }) => runAtDesk(desk, () => definition.run(...(args as never[]))),
}
