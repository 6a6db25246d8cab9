import { createRequire } from 'node:module'
import { problem as problemCodec } from '@taskloom/protocol'
import type { Command } from './command.ts'
import { commands } from './commands/index.ts'
import { exitCodes, toFailure, type ExitCode } from './exit.ts'
import { explain, overview } from './help.ts'
import { hintFor } from './hint.ts'
import { findCommand, readInput } from './input.ts'
import { createPrinter, type Printer } from './print.ts'
import { createRedactor } from './redact.ts'
import { openServer, type Server } from './server.ts'
import type { World } from './world.ts'

/** Runs one command line; never throws. What it opened is closed when it resolves. */
export async function runCommandLine(args: readonly string[], world: World): Promise<ExitCode> {
  const print = createPrinter(world, args.includes('--json'), createRedactor(secretsOf(args, world)))
  try {
    const {
      command,
      group,
      args: rest,
    } = findCommand(commands, args[0] === 'help' ? [...args.slice(1), '--help'] : args)
    const asks = (...names: readonly string[]): boolean => rest.some((arg) => names.includes(arg))
    if (!command && group.length === 0) return await answerAlone(print, asks('--version', '-V'), asks('--help', '-h'))
    if (!command || asks('--help', '-h')) return await help(print, command, group, asks('--help', '-h'))
    return await run(command, rest, world, print)
  } catch (error) {
    return fail(print, error, null)
  }
}

/** A command that failed has said why on both streams: to people, and to programs that asked for JSON. */
async function fail(print: Printer, error: unknown, server: Server | null): Promise<ExitCode> {
  const { exitCode, problem } = toFailure(error)
  await print.note(`taskloom: ${problem.detail ?? problem.title}`)
  const hint = server && hintFor(problem.code, server)
  if (hint) await print.note(hint)
  if (print.isJson) await print.answer({ problem: problemCodec.encode(problem) }, () => '')
  return exitCode
}

async function run(command: Command, args: readonly string[], world: World, print: Printer): Promise<ExitCode> {
  const input = readInput(command, args)
  let opening: Promise<Server> | null = null
  const connect = (): Promise<Server> => (opening ??= openServer(input, world))
  try {
    return await command.run({ input, world, print, connect })
  } catch (error) {
    return await fail(print, error, await settled(opening))
  } finally {
    await (await settled(opening))?.close()
  }
}

async function settled(opening: Promise<Server> | null): Promise<Server | null> {
  return opening === null ? null : opening.catch(() => null)
}

async function answerAlone(print: Printer, isVersion: boolean, isHelp: boolean): Promise<ExitCode> {
  if (isVersion) {
    const { version } = createRequire(import.meta.url)('../../package.json') as { readonly version: string }
    await print.answer({ version }, () => version)
    return exitCodes.ok
  }
  if (isHelp) await print.answer(overview(commands), () => overview(commands))
  else await print.note(overview(commands))
  return isHelp ? exitCodes.ok : exitCodes.usage
}

/** A group without a verb is explained, too, and has not been understood. */
async function help(
  print: Printer,
  command: Command | null,
  group: readonly Command[],
  isAsked: boolean,
): Promise<ExitCode> {
  const words = explain(group.length > 0 ? group : command ? [command] : [])
  if (isAsked) await print.answer(words, () => words)
  else await print.note(words)
  return isAsked ? exitCodes.ok : exitCodes.usage
}

/** What must not show in anything that is written. */
function secretsOf(args: readonly string[], { env }: World): readonly (string | undefined)[] {
  const given = args.map((arg, at) =>
    arg === '--token' ? args[at + 1] : arg.startsWith('--token=') ? arg.slice(8) : '',
  )
  return [...given.filter(Boolean), env['TASKLOOM_TOKEN'], env['TASKLOOM_PASSWORD']]
}
