import type { TaskRecord } from '@taskloom/engine/store'
import { describe, expect, it } from 'vitest'
import { buildRecord } from '../../packages/testkit/src/build-record.ts'
import { eventsOf, furthestAhead } from './events.ts'
import { parseOptions } from './options.ts'
import { countTasks, nameFaults, planRun, type PlannedTask, type Timetable } from './timetable.ts'
import { isSound, judge, type Evidence } from './verdict.ts'

const many = Array.from({ length: 200 }, (_, index) => planRun(index + 1, 'sqlite'))

describe('the timetable of a run', () => {
  it('is the same for the same seed, and another for the next', () => {
    for (const timetable of many) expect(planRun(timetable.seed, 'sqlite')).toEqual(timetable)
    expect(new Set(many.map(({ steps }) => JSON.stringify(steps))).size).toBe(many.length)
  })

  it('has every kind of fault, function and failing call in two hundred seeds', () => {
    const kinds = new Set(many.flatMap(({ steps }) => steps.map((step) => step.do)))
    const faults = ['kill', 'freeze', 'shut down', 'fill disk', 'lock file', 'set clock']
    expect([...kinds].sort()).toEqual([...faults, 'cancel', 'enqueue', 'retry', 'run now'].sort())
    const tasks = many.flatMap(tasksOf)
    expect(new Set(tasks.map(({ func }) => func))).toEqual(new Set(['once', 'retried', 'again']))
    const calls = many.flatMap(({ processes }) => processes.flatMap(({ failing }) => failing.map(({ how }) => how)))
    expect(new Set(calls)).toEqual(new Set(['rejects', 'hangs', 'lies']))
    expect(new Set(many.map(({ processes }) => processes.length))).toEqual(new Set([1, 2, 3]))
  })

  it('stays within its bounds, and in order', () => {
    for (const timetable of many) {
      const { steps, lengthMs } = timetable
      expect(countTasks(timetable)).toBe(tasksOf(timetable).length)
      expect(countTasks(timetable)).toBeGreaterThanOrEqual(30)
      expect(countTasks(timetable)).toBeLessThanOrEqual(120)
      const moments = steps.map(({ atMs }) => atMs)
      expect(moments).toEqual([...moments].sort((one, other) => one - other))
      expect(moments.filter((atMs) => atMs < 0 || atMs > lengthMs)).toEqual([])
      expect(lengthMs).toBeLessThanOrEqual(1_300)
    }
  })

  it('has no fault of a file where there is none', () => {
    const steps = many.flatMap(({ seed }) => planRun(seed, 'redis').steps)
    expect(steps.filter((step) => step.do === 'fill disk' || step.do === 'lock file')).toEqual([])
  })

  it('becomes moments, where each fault has its end', () => {
    const timetable = planOf([
      { do: 'freeze', whom: 'a', forMs: 300, atMs: 100 },
      { do: 'kill', whom: 'b', forMs: 50, atMs: 200 },
      { do: 'set clock', byMs: 5_000, atMs: 300 },
      { do: 'set clock', byMs: -9_000, atMs: 310 },
    ])
    expect(eventsOf(timetable).map((event) => [event.atMs, event.do])).toEqual([
      [100, 'freeze'],
      [200, 'kill'],
      [250, 'boot'],
      [300, 'set clock'],
      [310, 'set clock'],
      [400, 'thaw'],
    ])
    expect(furthestAhead(timetable)).toBe(5_000)
    expect(nameFaults(timetable)).toBe('freeze, kill, 2 × set clock')
  })
})

describe('the options of chaos', () => {
  it('say which seeds, where, and how many at once', () => {
    expect(parseOptions([])).toMatchObject({ store: 'sqlite', atOnce: 2 })
    expect(parseOptions([]).seeds).toHaveLength(100)
    expect(parseOptions(['--seeds=3', '--from=7']).seeds).toEqual([7, 8, 9])
    expect(parseOptions(['--seed=42', '--store=redis', '--at-once=4'])).toEqual({
      ...{ seeds: [42], store: 'redis', atOnce: 4 },
    })
  })

  it.each([
    [['--seed=42', '--from=1'], '--seed repeats one run'],
    [['--seeds=0'], '--seeds: expected a whole number from 1'],
    [['--seed=1e3'], '--seed: expected a whole number'],
    [['--store=mongo'], '--store: expected one of sqlite, postgres, redis'],
    [['--sede=1'], '--sede=1: expected'],
  ])('are refused with words: %s', (words, reason) => {
    expect(() => parseOptions(words)).toThrow(reason)
  })
})

describe('the verdict on a run', () => {
  const done = { funcName: 'once', status: 'success', attempt: 1, args: '["t0",0,0]' } as const
  const sound = (): Evidence & { records: TaskRecord[] } => {
    const record = buildRecord(done)
    const id = record.taskId
    return {
      facts: [
        ['ack', id, 't0'],
        ['begin', id, '1', 'a'],
        ['end', id, '1'],
      ],
      records: [record],
      counts: { success: 1, failed: 0 },
      ...{ differing: 0, isAuditWhole: true, leftBehind: [], fallen: [] },
    }
  }
  const plan = planOf([
    { do: 'enqueue', by: 'a', together: false, tasks: [planned('t0', 0), planned('t1', 1)], atMs: 0 },
  ])
  const judged = (changes: Partial<Evidence>) => judge(plan, { ...sound(), ...changes })

  it('is sound where everything adds up', () => {
    expect(isSound(judge(plan, sound()))).toBe(true)
  })

  it('finds what was acknowledged and is not there', () => {
    const evidence = sound()
    const verdict = judge(plan, { ...evidence, facts: [...evidence.facts, ['ack', 'gone', 't9']] })
    expect(verdict).toEqual({ lost: ['t9 gone'], doubled: [], wrong: [] })
  })

  it('finds an attempt that began twice, and one that no record knows', () => {
    const evidence = sound()
    const id = evidence.records[0]!.taskId
    const again = (attempt: string) => [...evidence.facts, ['begin', id, attempt, 'b']]
    expect(judge(plan, { ...evidence, facts: again('1') }).doubled).toEqual([`once ${id}/1`])
    expect(judge(plan, { ...evidence, facts: again('2') }).doubled).toEqual([`once ${id}/2`])
  })

  it('finds keys and slots that two tasks have', () => {
    const pair = (own: object) => [1, 2].map(() => buildRecord({ ...done, ...own }))
    const facts = (records: TaskRecord[]) => records.map(({ taskId }) => ['end', taskId, '1'])
    const keyed = pair({ idempotencyKey: 'k' })
    const slotted = pair({ funcName: 'tick', schedule: 'tick', slotAt: 4_000, args: '[]' })
    const counts = { success: 2 }
    expect(judged({ records: keyed, facts: facts(keyed), counts })).toMatchObject({ doubled: ['key k'], wrong: [] })
    expect(judged({ records: slotted, facts: facts(slotted), counts })).toMatchObject({
      doubled: ['slot 4000'],
      wrong: [],
    })
  })

  it('finds slots that were left out, unless the clock was set', () => {
    const records = [1_000, 3_000].map((slotAt) =>
      buildRecord({ ...done, funcName: 'tick', schedule: 'tick', slotAt, args: '[]' }),
    )
    const facts = records.map(({ taskId }) => ['end', taskId, '1'])
    const evidence = { ...sound(), records, facts, counts: { success: 2 } }
    expect(judge(plan, evidence).wrong).toEqual(['slots left out: 1000 to 3000'])
    const moved = { ...plan, steps: [...plan.steps, { do: 'set clock', byMs: 60_000, atMs: 1 } as const] }
    expect(judge(moved, evidence).wrong).toEqual([])
  })

  it.each([
    ['still open', { status: 'running' as const }],
    ['attempts do not add up', { attempt: 2, interruptions: 0 }],
    ['succeeded without an end', { attempt: 2, interruptions: 1 }],
    ['ended otherwise than its function', { args: '["t1",0,1]' }],
    ['ended otherwise than its function', { status: 'failed' as const }],
    ['attempts do not add up', { status: 'cancelled' as const, attempt: 4, retriesUsed: 1 }],
    ['counts are not the rows', { status: 'interrupted' as const }],
  ])('finds a record that is %s', (words, changes) => {
    const evidence = sound()
    const record = { ...evidence.records[0]!, ...changes }
    const { wrong } = judge(plan, { ...evidence, records: [record] })
    expect(wrong.some((line) => line.startsWith(words))).toBe(true)
  })

  it.each([
    ['kept figures differ: 3', { differing: 3 }],
    ['the audit log is broken: verifyAudit()', { isAuditWhole: false }],
    ['left behind: 1 orphans', { leftBehind: ['1 orphans'] }],
    ['processes fell: a ended with 1', { fallen: ['a ended with 1'] }],
  ])('passes on that %s', (line, changes) => {
    expect(judged(changes)).toEqual({ lost: [], doubled: [], wrong: [line] })
  })
})

function tasksOf({ steps }: Timetable): readonly PlannedTask[] {
  return steps.flatMap((step) => (step.do === 'enqueue' ? step.tasks : []))
}

function planned(label: string, fails: number): PlannedTask {
  return { label, func: 'once', workMs: 0, fails, delayMs: 0, priority: 0, key: null, lock: null }
}

function planOf(steps: Timetable['steps']): Timetable {
  const processes = ['a', 'b'].map((name) => ({ name, failing: [] }))
  return { seed: 1, store: 'sqlite', processes, tickSeconds: 1, steps, lengthMs: 500 }
}
