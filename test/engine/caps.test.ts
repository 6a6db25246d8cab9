import { progress, taskLog } from '@taskloom/engine'
import { expect, it } from 'vitest'
import { openManager, withCode } from './open-manager.ts'

const long = (length: number) => 'x'.repeat(length)

it.each<[string, () => unknown, readonly string[]]>([
  ['a large result', () => long(300_000), ['result']],
  ['a long error', () => fail(long(301)), ['error']],
  ['an error that just fits', () => fail(long(300)), []],
  ['a long stack', () => fail('no', long(20_000)), ['stacktrace']],
  ['causes that are too much', () => fail('no', long(10_000), errorOf('why', long(10_000))), ['stacktrace']],
  ['a long line', () => taskLog(long(8_193)), ['logs']],
  ['a line that just fits', () => taskLog(long(8_192)), []],
  ['many facts beside a line', () => taskLog('x', { many: Array.from({ length: 300 }, () => 1) }), ['logs']],
  ['a long fact', () => taskLog('x', { fact: long(2_049) }), ['logs']],
  ['a deep fact', () => taskLog('x', { a: { b: { c: { d: { e: { f: { g: 1 } } } } } } }), ['logs']],
  ['too many lines', () => Array.from({ length: 10_001 }, () => taskLog('x')), ['logs']],
  ['a long message of progress', () => progress({ percent: 1, message: long(301) }), ['progress']],
  ['a large progress', () => progress({ percent: 1, more: long(3_000) }), ['progress']],
  ['what is small', () => void (taskLog('x', { a: 1 }), progress({ percent: 3, message: 'half' })), []],
])('%s is named in truncated', async (_, run, truncated) => {
  const tasks = openManager()
  tasks.define('work', () => void run() as unknown)
  tasks.define('give', run)
  await tasks.start()
  const { id } = await tasks.enqueue(truncated.includes('result') ? 'give' : 'work')
  await tasks.wait(id)
  expect(await tasks.source.detail(id)).toMatchObject({ truncated })
})

it('arguments that are too large are refused, and cut tags are named', async () => {
  const tasks = openManager()
  tasks.define('work', (_value: string) => undefined)
  await expect(tasks.enqueue('work', [long(1_048_577)])).rejects.toEqual(withCode('bad_argument'))
  const { id } = await tasks.enqueue('work', ['x'], { tags: { long: long(301), short: 'x' } })
  const record = await tasks.get(id)
  expect(record).toMatchObject({ truncated: ['tags'] })
  expect(record?.tags['long']).toHaveLength(300)
})

it('an attempt that fails shortly takes the name of a cut error away', async () => {
  const tasks = openManager()
  let attempt = 0
  tasks.define('work', { retries: 1, delay: 0 }, () => fail((attempt += 1) === 1 ? long(500) : 'short'))
  await tasks.start()
  const { id } = await tasks.enqueue('work')
  expect(await tasks.wait(id)).toMatchObject({ error: 'short', truncated: [] })
})

function fail(message: string, stack = 'at work', cause?: unknown): never {
  throw errorOf(message, stack, cause)
}

function errorOf(message: string, stack: string, cause?: unknown): Error {
  return Object.assign(new Error(message, { cause }), { stack })
}
