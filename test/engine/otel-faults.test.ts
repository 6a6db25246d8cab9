import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import * as otel from '@opentelemetry/api'
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks'
import { BasicTracerProvider } from '@opentelemetry/sdk-trace-base'
import { taskContext, type EngineFault, type TaskManagerOptions } from '@taskloom/engine'
import { describe, expect, it } from 'vitest'
import type { OtelApi } from '../../packages/engine/src/observe/otel/api.ts'
import { openManager, withCode } from './open-manager.ts'
import { recordSpans, register } from './recorded-spans.ts'

const script = fileURLToPath(new URL('./otel-host.mjs', import.meta.url))
const given = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

/** What a host's tracer may throw at. */
const breakable = ['startSpan', 'spanContext', 'setAttributes', 'recordException', 'setStatus', 'end'] as const

describe('a host’s OpenTelemetry that throws', () => {
  it.each(breakable)('at %s hurts no task and is told of once', async (method) => {
    register(brokenProvider(method))
    expect(await runBoth()).toEqual({ statuses: ['success', 'failed'], calls: 2, faults: 1 })
  })

  it('when it is asked for a tracer hurts no task', async () => {
    register({
      getTracer: () => {
        throw new Error('no tracer')
      },
    })
    expect(await runBoth()).toEqual({ statuses: ['success', 'failed'], calls: 2, faults: 1 })
  })

  it.each([
    ['before it calls', () => fail()],
    ['after it called', (run: () => unknown) => (run(), fail())],
    ['after it called twice', (run: () => unknown) => (run(), run(), fail())],
    ['not, and never calls', () => undefined],
  ])('in its context manager %s: the function is called once', async (_, behave) => {
    recordSpans()
    otel.context.disable()
    otel.context.setGlobalContextManager(new (brokenManager(behave))())
    const { faults, ...rest } = await runBoth()
    expect(rest).toEqual({ statuses: ['success', 'failed'], calls: 2 })
    expect(faults).toBeLessThanOrEqual(1)
  })
})

describe('without OpenTelemetry', () => {
  it('nothing is recorded once it is switched off, and a given trace goes on as it came', async () => {
    const recorder = recordSpans()
    const tasks = openManager({ openTelemetry: false })
    const work = tasks.define('work', () => taskContext()?.traceparent)
    await tasks.start()
    const { id } = await work.with({ traceparent: given }).enqueue()
    expect(await tasks.wait(id)).toMatchObject({ traceparent: given, result: `"${given}"` })
    expect(recorder.spans()).toEqual([])
  })

  it('a task has no trace while no provider is registered, and has one from then on', async () => {
    const tasks = openManager()
    const work = tasks.define('work', () => undefined)
    await tasks.start()
    const before = await work.enqueue()
    expect(await tasks.wait(before.id)).toMatchObject({ traceId: null })
    const recorder = recordSpans()
    const after = await work.enqueue()
    expect((await tasks.wait(after.id)).traceId).toBe(recorder.named('process work')[0]?.spanContext().traceId)
  })

  it('is asked for with true or false', () => {
    const options = { openTelemetry: 'yes' } as unknown as TaskManagerOptions
    expect(() => openManager(options)).toThrow(withCode('bad_option'))
  })

  it.each([
    ['absent', 'on', { lookups: 1, faults: [] }],
    ['absent', 'off', { lookups: 0, faults: [] }],
    ['broken', 'on', { lookups: 1, faults: ['making OpenTelemetry spans: it does not load'] }],
    ['strange', 'on', { lookups: 1, faults: [expect.stringContaining('making OpenTelemetry spans')] }],
  ])('a package that is %s, with the option %s, is nothing to a task', async (state, option, expected) => {
    const { stdout } = await promisify(execFile)(process.execPath, [script, state, option])
    expect(JSON.parse(stdout)).toEqual({ ...expected, status: 'success', traceparent: given, seen: given })
  })
})

it('what is used of OpenTelemetry is there', () => {
  const api: OtelApi = otel
  expect(api.SpanKind.PRODUCER).toBe(otel.SpanKind.PRODUCER)
})

/** One task that succeeds and one that fails: how they ended, how often they were called, and what was told. */
async function runBoth() {
  const tasks = openManager()
  const faults: EngineFault[] = []
  tasks.on('error', (fault) => faults.push(fault))
  let calls = 0
  tasks.define('good', async () => {
    calls += 1
    await Promise.resolve()
  })
  tasks.define('bad', () => {
    calls += 1
    throw new Error('no')
  })
  await tasks.start()
  const made = [await tasks.enqueue('good'), await tasks.enqueue('bad')]
  const ended = await Promise.all(made.map(({ id }) => tasks.wait(id)))
  expect(faults.every(({ during }) => during === 'making OpenTelemetry spans')).toBe(true)
  return { statuses: ended.map(({ status }) => status), calls, faults: faults.length }
}

function brokenProvider(method: (typeof breakable)[number]): otel.TracerProvider {
  const tracer = new BasicTracerProvider().getTracer('broken')
  const startSpan: otel.Tracer['startSpan'] = (...args) =>
    method === 'startSpan' ? fail() : Object.assign(tracer.startSpan(...args), { [method]: fail })
  return { getTracer: () => ({ startSpan, startActiveSpan: fail }) }
}

function brokenManager(behave: (run: () => unknown) => unknown): typeof AsyncLocalStorageContextManager {
  return class extends AsyncLocalStorageContextManager {
    override with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
      _: otel.Context,
      run: F,
      thisArg?: ThisParameterType<F>,
      ...args: A
    ): ReturnType<F> {
      return behave(() => run.apply(thisArg as ThisParameterType<F>, args)) as ReturnType<F>
    }
  }
}

function fail(): never {
  throw new Error('the tracer is broken')
}
