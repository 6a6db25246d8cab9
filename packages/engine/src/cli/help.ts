import type { Command } from './command.ts'
import { optionsOf, usageOf } from './input.ts'
import { optionOf, type OptionName } from './options.ts'

/** What there is. */
export function overview(commands: readonly Command[]): string {
  const rows = commands.map(({ name, operands, words }) => [
    [name.replace(/ list$/, ' [list]'), operands].filter(Boolean).join(' '),
    words,
  ])
  return `Usage: taskloom COMMAND [options]

${twoColumns(rows)}
Which tasks: --store FILE, --module FILE, or --url URL; or TASKLOOM_STORE, TASKLOOM_MODULE, TASKLOOM_URL.
taskloom COMMAND --help explains a command. Guide: docs/cli.md

Exit codes: 0 done · 1 failed or partly failed · 2 not understood · 3 not found · 4 not allowed · 5 cannot be reached
`
}

/** One command, or the verbs of a group. */
export function explain(commands: readonly Command[]): string {
  return commands
    .map((command) => {
      const options = twoColumns(optionsOf(command).map((name) => [flagOf(name), optionOf(name).words]))
      return `${usageOf(command)}\n  ${command.words}\n\n${options}`
    })
    .join('\n')
}

/** `-o, --output FILE` */
export function flagOf(name: OptionName): string {
  const { short, value } = optionOf(name)
  return `${short === undefined ? '' : `-${short}, `}--${name}${value === undefined ? '' : ` ${value}`}`
}

function twoColumns(rows: readonly (readonly string[])[]): string {
  const width = Math.max(...rows.map(([left = '']) => left.length))
  return rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}\n`).join('')
}
