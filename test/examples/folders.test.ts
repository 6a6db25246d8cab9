import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { examples } from './running.ts'

const names = readdirSync(examples, { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
  .map(({ name }) => name)

interface Package {
  readonly version?: string
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const readPackage = (folder: string) => JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Package

describe('the examples', () => {
  const { version } = readPackage(join(examples, '../packages/engine'))
  const list = readFileSync(join(examples, 'README.md'), 'utf8')

  it.each(names)('%s asks for our packages as they are, is listed and says how it is started', (name) => {
    const folder = join(examples, name)
    const { scripts, dependencies, devDependencies } = readPackage(folder)
    const ours = Object.entries({ ...dependencies, ...devDependencies }).filter(([of]) => of.startsWith('@taskloom/'))
    expect(ours.length).toBeGreaterThan(0)
    expect(ours.filter(([, range]) => range !== `^${version}`)).toEqual([])

    expect(list).toContain(`| [${name}](${name}) `)
    const commands = [...readFileSync(join(folder, 'README.md'), 'utf8').matchAll(/^npm (?:run )?(\w+)/gm)]
    const said = commands.map(([, word]) => word ?? '').filter((word) => word !== 'install')
    expect(said.length).toBeGreaterThan(0)
    expect(said.filter((word) => scripts[word] === undefined)).toEqual([])
    for (const [file] of Object.values(scripts)
      .join(' ')
      .matchAll(/\S+\.ts/g))
      expect(existsSync(join(folder, file))).toBe(true)
  })
})
