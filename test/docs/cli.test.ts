import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commands } from '../../packages/engine/src/cli/commands/index.ts'
import { exitCodes } from '../../packages/engine/src/cli/exit.ts'
import { findCommand, optionsOf } from '../../packages/engine/src/cli/input.ts'
import { optionOf, options, type OptionName } from '../../packages/engine/src/cli/options.ts'
import { root } from './proofs.ts'

const text = readFileSync(join(root, 'docs/cli.md'), 'utf8')
const samples = [
  ...[...text.matchAll(/`(taskloom [^`]+)`/g)].map(([, line = '']) => line),
  ...[...text.matchAll(/^ *npx (taskloom .+)$/gm)].map(([, line = '']) => line),
].filter((line) => /^taskloom [a-z]/.test(line))

describe('the guide to the command line', () => {
  it.each(samples)('shows what is understood: %s', (line) => {
    expect(faultsOf(line)).toEqual([])
  })

  it.each(commands.map(({ name }) => name))('names %s', (name) => {
    expect(samples.some((line) => line === `taskloom ${name}` || line.startsWith(`taskloom ${name} `))).toBe(true)
  })

  it.each(Object.keys(options))('speaks of --%s', (name) => {
    expect(text).toContain(`--${name}`)
  })

  it.each(Object.values(exitCodes))('explains exit code %i', (code) => {
    expect(text).toMatch(new RegExp(`^\\| ${code} +\\| .{3}`, 'm'))
  })

  it('would be found out', () => {
    expect(faultsOf('taskloom nothing')).toHaveLength(1)
    expect(faultsOf('taskloom retry ID --since 3d')).toEqual(['--since'])
    expect(faultsOf('taskloom tasks --colour')).toEqual(['--colour'])
  })
})

describe('the option table', () => {
  it('has no option that no command understands, and no letter twice', () => {
    const used = new Set(commands.flatMap(optionsOf))
    const names = Object.keys(options) as OptionName[]
    expect(names.filter((name) => !used.has(name) && name !== 'version')).toEqual([])
    const letters = names.map((name) => optionOf(name).short).filter((short) => short !== undefined)
    expect(new Set(letters).size).toBe(letters.length)
  })
})

/** Options in a sample that its command does not have. */
function faultsOf(line: string): readonly string[] {
  const args = line.split(/ +/).slice(1)
  const command = tryFind(args)
  if (!command) return [line]
  const known = optionsOf(command).map((name) => `--${name}`)
  return args.filter((arg) => arg.startsWith('--')).filter((arg) => !known.includes(arg))
}

function tryFind(args: readonly string[]) {
  try {
    return findCommand(commands, args).command
  } catch {
    return null
  }
}
