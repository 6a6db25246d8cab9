import type { Input } from './input.ts'
import type { OptionName } from './options.ts'
import type { Printer } from './print.ts'
import type { Server } from './server.ts'
import type { World } from './world.ts'
import type { ExitCode } from './exit.ts'

/** What a command is given. */
export interface Call {
  readonly input: Input
  readonly world: World
  readonly print: Printer
  /** The local store or the remote server that the options name; opened once, closed by whoever runs the command. */
  readonly connect: () => Promise<Server>
}

/** One command, or one verb of a command: `dead-letter replay`. */
export interface Command {
  readonly name: string
  /** What stands behind the name, such as `ID…`. */
  readonly operands: string
  /** How many operands there may be. */
  readonly count: { readonly min: number; readonly max: number }
  readonly words: string
  readonly options: readonly OptionName[]
  run(call: Call): Promise<ExitCode>
}

/** No operands. */
export const none = { min: 0, max: 0 } as const
/** One or more. */
export const some = { min: 1, max: Number.POSITIVE_INFINITY } as const
/** As many as one likes. */
export const any = { min: 0, max: Number.POSITIVE_INFINITY } as const
/** Exactly one. */
export const one = { min: 1, max: 1 } as const
