import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileLogger, memoryLogger, taskLog, type EngineFault, type Observer } from '@taskloom/engine'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { openManager, withCode } from './open-manager.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'taskloom-log-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('the file logger', () => {
  it('writes whole lines, also of a flood, before the manager is down', async () => {
    const path = join(folder, 'deep/er/tasks.log')
    await runNoisy(fileLogger(path), 3, 500)
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    expect(lines).toHaveLength(3 * 502)
    for (const line of lines)
      expect(line).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z INFO noisy \S{36} (line \d+ x+|created|success after \d+ ms)$/)
  })

  it('is what the option logFile gives, beside other observers', async () => {
    const path = join(folder, 'tasks.log')
    const memory = memoryLogger()
    const tasks = openManager({ logFile: path, observers: [memory] })
    const say = tasks.define('say', (word: string) => taskLog(word))
    await tasks.start()
    await say.enqueue('one')
    await tasks.idle()
    await tasks.shutdown()
    const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
    expect(lines.map((line) => line.split(' ').slice(4).join(' '))).toEqual([
      'created',
      'one',
      expect.stringMatching(/^success after /),
    ])
    expect(memory.events.map(({ kind }) => kind)).toEqual(['create', 'log', 'complete', 'cleanup'])
    for (const logFile of ['', 5, null, 'x'.repeat(5_000)]) {
      expect(() => openManager({ logFile: logFile as never })).toThrow(/^logFile: /)
    }
    const twice = () => openManager({ logFile: path, observers: [fileLogger(path)] })
    expect(twice).toThrow(withCode('bad_option'))
  })

  it('puts full files aside and keeps so many', async () => {
    const path = join(folder, 'tasks.log')
    await runNoisy(fileLogger(path, { maxBytes: 20_000, backups: 3, lifecycle: false }), 4, 300)
    expect(readdirSync(folder).sort()).toEqual(['tasks.log', 'tasks.log.1', 'tasks.log.2', 'tasks.log.3'])
    const names = ['tasks.log.3', 'tasks.log.2', 'tasks.log.1', 'tasks.log']
    for (const name of names) expect(statSync(join(folder, name)).size).toBeLessThanOrEqual(20_000)
    const kept = names.flatMap((name) => readFileSync(join(folder, name), 'utf8').trimEnd().split('\n'))
    const numbers = kept.map((line) => Number(/line (\d+)/.exec(line)?.[1]))
    expect(numbers.at(-1)).toBe(299)
    for (let index = 1; index < numbers.length; index += 1) {
      expect(numbers[index]).toBe(((numbers[index - 1] ?? 0) + 1) % 300)
    }
  })

  it('goes on in the file it finds, and keeps none when told so', async () => {
    const path = join(folder, 'tasks.log')
    await runNoisy(fileLogger(path), 1, 1)
    await runNoisy(fileLogger(path), 1, 1)
    expect(readFileSync(path, 'utf8').trimEnd().split('\n')).toHaveLength(6)
    await runNoisy(fileLogger(path, { maxBytes: 2_000, backups: 0 }), 1, 300)
    expect(readdirSync(folder)).toEqual(['tasks.log'])
    expect(statSync(path).size).toBeLessThanOrEqual(2_000)
  })

  it('watched: opens the file again when somebody moved it away', async () => {
    const path = join(folder, 'tasks.log')
    const tasks = openManager({ observers: [fileLogger(path, { mode: 'watched', lifecycle: false })] })
    const say = tasks.define('say', (word: string) => taskLog(word))
    await tasks.start()
    await say.enqueue('one')
    await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toContain('one'))
    renameSync(path, `${path}.moved`)
    await say.enqueue('two')
    await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toContain('two'))
    expect(readFileSync(path, 'utf8')).not.toContain('one')
    expect(readFileSync(`${path}.moved`, 'utf8')).not.toContain('two')
  })

  it('tells what the disk refuses, and goes on when it takes again', async () => {
    const path = join(folder, 'blocked', 'tasks.log')
    const blocker = join(folder, 'blocked')
    writeFileSync(blocker, 'a file where a folder should be')
    const tasks = openManager({ observers: [fileLogger(path, { format: 'json' })] })
    const faults: EngineFault[] = []
    tasks.on('error', (fault) => faults.push(fault))
    const say = tasks.define('say', (word: string) => taskLog(word))
    await tasks.start()
    expect((await tasks.wait((await say.enqueue('one')).id)).status).toBe('success')
    await vi.waitFor(() => expect(faults.length).toBeGreaterThan(0))
    rmSync(blocker)
    await say.enqueue('two')
    await vi.waitFor(() => expect(readFileSync(path, 'utf8')).toContain('"message":"two"'))
    for (const line of readFileSync(path, 'utf8').trimEnd().split('\n')) expect(() => JSON.parse(line)).not.toThrow()
  })

  it('refuses options it does not know', () => {
    for (const options of [{ maxBytes: 0 }, { backups: -1 }, { mode: 'daily' }, { minLevel: 'loud' }, { size: 1 }]) {
      expect(() => fileLogger('tasks.log', options as never)).toThrow(withCode('bad_option'))
    }
  })
})

async function runNoisy(logger: Observer, count: number, lines: number): Promise<void> {
  const tasks = openManager({ observers: [logger] })
  const noisy = tasks.define('noisy', () => {
    for (let line = 0; line < lines; line += 1) taskLog(`line ${line} ${'x'.repeat(line % 60 || 1)}`)
  })
  await tasks.start()
  for (let done = 0; done < count; done += 1) await tasks.wait((await noisy.enqueue()).id)
  await tasks.shutdown()
  expect(tasks.observers()[0]).toMatchObject({ dropped: 0, failed: 0 })
}
