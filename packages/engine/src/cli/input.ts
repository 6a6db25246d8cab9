import { parseArgs, type ParseArgsConfig } from 'node:util'
import type { Command } from './command.ts'
import { usageError } from './exit.ts'
import { connecting, everywhere, optionOf, options, type OptionName } from './options.ts'

/** What was typed, parsed. */
export interface Input {
  readonly operands: readonly string[]
  has(name: OptionName): boolean
  /** Undefined when it was not given. */
  text(name: OptionName): string | undefined
  /** Empty when it was not given. Values may also be separated by commas. */
  list(name: OptionName): readonly string[]
}

/** The command, what is to be parsed for it, and whether it stands for a group of verbs of that name. */
export interface Found {
  readonly command: Command | null
  /** The verbs of the group that was named, when it was no whole command. */
  readonly group: readonly Command[]
  readonly args: readonly string[]
}

/** Finds the command among the arguments; options may stand before it. */
export function findCommand(commands: readonly Command[], args: readonly string[]): Found {
  const words = parseArgs({ args: [...args], options: configOf(allNames), strict: false, tokens: true })
    .tokens.filter((token) => token.kind === 'positional')
    .map(({ index, value }) => ({ index, value }))
  const [first, second] = words
  if (!first) return { command: null, group: [], args }
  const without = (...taken: readonly { readonly index: number }[]): string[] =>
    args.filter((_, index) => !taken.some((word) => word.index === index))
  const named = (name: string): Command | undefined => commands.find((command) => command.name === name)
  const verb = second && named(`${first.value} ${second.value}`)
  if (verb) return { command: verb, group: [], args: without(first, second) }
  const whole = named(first.value)
  if (whole) return { command: whole, group: [], args: without(first) }
  const group = commands.filter(({ name }) => name.startsWith(`${first.value} `))
  if (group.length === 0) throw usageError(`There is no command ${first.value}; taskloom --help names all`)
  const list = second ? undefined : named(`${first.value} list`)
  return { command: list ?? null, group, args: without(first) }
}

/** Parses the arguments of a command. Throws a usage error. */
export function readInput(command: Command, args: readonly string[]): Input {
  const { values, positionals } = parseStrictly(command, args)
  const { min, max } = command.count
  if (positionals.length < min) throw usageError(`taskloom ${command.name} needs ${command.operands}`)
  if (positionals.length > max) throw usageError(`What is ${positionals[max]}? ${usageOf(command)}`)
  const given = values as Readonly<Record<string, string | boolean | readonly string[] | undefined>>
  return {
    operands: positionals,
    has: (name) => given[name] !== undefined,
    text(name) {
      const value = given[name]
      return typeof value === 'string' ? value : undefined
    },
    list(name) {
      const value = given[name]
      return Array.isArray(value) ? (value as readonly string[]).flatMap(splitValues(name)) : []
    },
  }
}

/** `Usage: taskloom retry ID… [options]` */
export function usageOf({ name, operands }: Command): string {
  return `Usage: taskloom ${[name, operands].filter(Boolean).join(' ')} [options]`
}

/** The options that a command understands, its own first. */
export function optionsOf(command: Command): readonly OptionName[] {
  return [...command.options, ...everywhere]
}

const allNames = Object.keys(options) as OptionName[]

/** A tag's value may have a comma in it. */
function splitValues(name: OptionName): (value: string) => readonly string[] {
  return (value) => (name === 'tag' ? [value] : value.split(',').map((word) => word.trim()))
}

function parseStrictly(command: Command, args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: configOf(optionsOf(command)), strict: true, allowPositionals: true })
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const [words = error.message] = error.message.split('. ')
    const isForeign = /^Unknown option/.test(words) && connecting.some((name) => words.includes(`--${name}'`))
    throw usageError(
      `${words.replace(/\.$/, '')}${isForeign ? `: ${command.name} works alone` : ''}. ${usageOf(command)}`,
    )
  }
}

function configOf(names: readonly OptionName[]): NonNullable<ParseArgsConfig['options']> {
  return Object.fromEntries(
    names.map((name) => {
      const { value, short, isRepeatable } = optionOf(name)
      const type = value === undefined ? ('boolean' as const) : ('string' as const)
      return [name, { type, multiple: isRepeatable === true, ...(short === undefined ? {} : { short }) }]
    }),
  )
}
