import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api'
import { AlwaysOffSampler } from '@opentelemetry/sdk-trace-base'
import { snooze, taskContext } from '@taskloom/engine'
import { buildRecord, createFakeClock } from '@taskloom/testkit'
import { describe, expect, it } from 'vitest'
import { Spans } from '../../packages/engine/src/observe/otel/spans.ts'
import { openShop } from './host-shop.ts'
import { openManager, withCode } from './open-manager.ts'
import { headerOf, idOf, inRequest, parentOf, recordSpans } from './recorded-spans.ts'
import { openWorkers, resultOf } from './worker-manager.ts'

const given = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

describe('the spans of a task', () => {
  it('go from the request to the enqueueing, each attempt, and what the function does', async () => {
    const recorder = recordSpans()
    const tasks = openManager()
    const headers: unknown[] = []
    const send = tasks.define('send', { retries: 1, delay: 0, queue: 'mails' }, async () => {
      await Promise.resolve()
      headers.push(taskContext()?.traceparent)
      if (taskContext()?.attempt === 1) throw new TypeError('no line')
      await trace.getTracer('host').startActiveSpan('SMTP', async (span) => {
        await tasks.enqueue('count')
        span.end()
      })
    })
    tasks.define('count', () => undefined)
    await tasks.start()
    const { id } = await inRequest('POST /welcome', () => send.enqueue())
    await tasks.idle()

    const [request] = recorder.named('POST /welcome')
    const [enqueue] = recorder.named('enqueue send')
    const [first, second] = recorder.named('process send')
    const [smtp] = recorder.named('SMTP')
    const [enqueueNext] = recorder.named('enqueue count')
    const [next] = recorder.named('process count')
    expect([enqueue, first, second, smtp, enqueueNext, next].map(parentOf)).toEqual(
      [request, enqueue, enqueue, second, smtp, enqueueNext].map(idOf),
    )
    expect(new Set(recorder.spans().map((span) => span.spanContext().traceId)).size).toBe(1)
    expect(recorder.spans()).toHaveLength(7)
    expect(headers).toEqual([headerOf(first), headerOf(second)])
    expect(await tasks.get(id)).toMatchObject({
      traceId: request?.spanContext().traceId,
      traceparent: headerOf(enqueue),
    })
  })

  it('say what they are about in the words of the conventions', async () => {
    const recorder = recordSpans()
    const tasks = openManager()
    const send = tasks.define('send', { retries: 1, delay: 0, queue: 'mails' }, () => {
      if (taskContext()?.attempt === 1) throw new TypeError('no line')
    })
    await tasks.start()
    const { id } = await send.enqueue()
    await tasks.wait(id)
    const [enqueue] = recorder.named('enqueue send')
    const [first, second] = recorder.named('process send')
    const base = {
      'messaging.system': 'taskloom',
      'messaging.destination.name': 'mails',
      'messaging.message.id': id,
      'taskloom.function': 'send',
    }
    expect(enqueue).toMatchObject({ kind: SpanKind.PRODUCER, status: { code: SpanStatusCode.UNSET } })
    expect(enqueue?.attributes).toEqual({
      ...base,
      'messaging.operation.name': 'enqueue',
      'messaging.operation.type': 'send',
      'taskloom.source': 'manual',
    })
    const attempt = {
      ...base,
      'messaging.operation.name': 'process',
      'messaging.operation.type': 'process',
      'code.function.name': 'send',
      'taskloom.executor': 'async',
    }
    expect(first).toMatchObject({
      kind: SpanKind.CONSUMER,
      status: { code: SpanStatusCode.ERROR, message: 'TypeError: no line' },
    })
    expect(first?.attributes).toEqual({
      ...attempt,
      'taskloom.attempt': 1,
      'taskloom.outcome': 'failed',
      'taskloom.status': 'pending',
      'error.type': 'TypeError',
    })
    expect(first?.events).toEqual([expect.objectContaining({ name: 'exception' })])
    expect(first?.events[0]?.attributes).toMatchObject({
      'exception.type': 'TypeError',
      'exception.stacktrace': expect.stringContaining('otel.test') as string,
    })
    expect(second).toMatchObject({ kind: SpanKind.CONSUMER, status: { code: SpanStatusCode.UNSET }, events: [] })
    expect(second?.attributes).toEqual({
      ...attempt,
      'taskloom.attempt': 2,
      'taskloom.outcome': 'success',
      'taskloom.status': 'success',
    })
    expect(first?.links.map((link) => link.context.spanId)).toEqual([idOf(enqueue)])
  })

  it('tell a snooze, a timeout, a cancelling and an interruption', async () => {
    const recorder = recordSpans()
    const tasks = openManager()
    const forever = () => new Promise<void>((_, reject) => taskContext()?.signal.addEventListener('abort', reject))
    tasks.define('snoozed', () => (taskContext()?.attempt === 1 ? snooze(0) : undefined))
    tasks.define('late', { timeout: 5 }, forever)
    tasks.define('cancelled', forever)
    tasks.define('interrupted', forever)
    await tasks.start()
    const [snoozed, late, cancelled] = await tasks.enqueueMany(
      ['snoozed', 'late', 'cancelled', 'interrupted'].map((name) => ({ name })),
    )
    await tasks.wait(snoozed?.id ?? '')
    await tasks.wait(late?.id ?? '')
    await expect.poll(async () => (await tasks.get(cancelled?.id ?? ''))?.status).toBe('running')
    await tasks.cancel(cancelled?.id ?? '')
    await tasks.wait(cancelled?.id ?? '')
    await tasks.shutdown({ timeoutMs: 0 })
    const told = (name: string) =>
      recorder
        .named(`process ${name}`)
        .map(({ attributes, status }) => [attributes['taskloom.outcome'], attributes['taskloom.status'], status.code])
    expect(told('snoozed')).toEqual([
      ['snoozed', 'pending', SpanStatusCode.UNSET],
      ['success', 'success', SpanStatusCode.UNSET],
    ])
    expect(told('late')).toEqual([['timed_out', 'failed', SpanStatusCode.ERROR]])
    expect(told('cancelled')).toEqual([['cancelled', 'cancelled', SpanStatusCode.UNSET]])
    expect(told('interrupted')).toEqual([['interrupted', 'interrupted', SpanStatusCode.UNSET]])
  })

  it('tell an enqueueing that found the task there already, and one the store refused', async () => {
    const recorder = recordSpans()
    const tasks = openManager()
    const work = tasks.define('work', () => undefined)
    const { id } = await work.with({ idempotencyKey: 'one', locks: ['Book:1'] }).enqueue()
    await work.with({ idempotencyKey: 'one' }).enqueue()
    await expect(work.with({ locks: ['Book:1'] }).enqueue()).rejects.toEqual(withCode('conflict_lock'))
    const [, found, refused] = recorder.named('enqueue work')
    expect(found?.attributes).toMatchObject({ 'messaging.message.id': id, 'taskloom.deduplicated': true })
    expect(refused).toMatchObject({
      status: { code: SpanStatusCode.ERROR },
      attributes: { 'error.type': 'conflict_lock' },
    })
    expect(refused?.attributes).not.toHaveProperty(['messaging.message.id'])
  })

  it('are no more of an attempt than there was: of one that was taken back there is none', async () => {
    const recorder = recordSpans()
    const spans = new Spans((error) => expect.unreachable(String(error)))
    await spans.open()
    const previous = buildRecord({ status: 'running', attempt: 1 })
    const next = buildRecord({ status: 'pending', attempt: 0 })
    spans.attempt(previous)?.ended({ previous, next, attempt: null, logs: [] })
    expect(recorder.spans()).toEqual([])
    const attempt = { attempt: 1, startedAt: 0, endedAt: 1, outcome: 'success', error: null, stacktrace: null }
    spans.attempt(previous)?.ended({ previous, next, attempt: { ...attempt, workerId: null }, logs: [] })
    expect(recorder.spans()).toHaveLength(1)
  })

  it('are made for a task inside a transaction of the host, too', async () => {
    const recorder = recordSpans()
    const { tasks, db, sendMail, order } = await openShop()
    const buy = db.transaction((id: number) => {
      order(id)
      return sendMail.enqueueIn(db, id)
    })
    const { id } = await inRequest('POST /orders', async () => buy(7))
    await tasks.wait(id)
    const [enqueue] = recorder.named('enqueue send_mail')
    expect(parentOf(enqueue)).toBe(idOf(recorder.named('POST /orders')[0]))
    expect(enqueue?.attributes['messaging.message.id']).toBe(id)
    expect(parentOf(recorder.named('process send_mail')[0])).toBe(idOf(enqueue))
    expect(() => sendMail.enqueueIn(db, 8)).toThrow()
    expect(recorder.named('enqueue send_mail')[1]?.status.code).toBe(SpanStatusCode.ERROR)
  })

  it('carry no arguments, results, tags, labels, keys or names of users', async () => {
    const recorder = recordSpans()
    const tasks = openManager()
    const work = tasks.define('work', (word: string) => ({ word }))
    await tasks.start()
    const options = { tags: { of: 'S3CRET' }, user: 'S3CRET', affected: ['S3CRET'], idempotencyKey: 'S3CRET' }
    const { id } = await work.with({ ...options, locks: ['S3CRET'] }).enqueue('S3CRET')
    expect((await tasks.wait(id)).result).toContain('S3CRET')
    expect(recorder.spans()).toHaveLength(2)
    const seen = recorder.spans().map(({ name, attributes, events, status }) => ({ name, attributes, events, status }))
    expect(JSON.stringify(seen)).not.toContain('S3CRET')
  })
})

describe('the trace that a task belongs to', () => {
  it('is the given one; the active span is linked unless it is part of it', async () => {
    const recorder = recordSpans()
    const tasks = openManager()
    const work = tasks.define('work', () => undefined)
    const bound = work.with({ traceparent: given, tracestate: 'vendor=1' })
    await bound.enqueue()
    const { id } = await inRequest('another trace', () => bound.enqueue())
    await context.with(trace.setSpanContext(context.active(), placeOf(given)), () =>
      inRequest('the same trace', () => bound.enqueue()),
    )
    const [alone, linked, nested] = recorder.named('enqueue work')
    expect([alone, linked].map(parentOf)).toEqual([given.split('-')[2], given.split('-')[2]])
    expect(alone?.links).toEqual([])
    expect(linked?.links.map((link) => link.context.spanId)).toEqual([idOf(recorder.named('another trace')[0])])
    expect(parentOf(nested)).toBe(idOf(recorder.named('the same trace')[0]))
    expect(await tasks.get(id)).toMatchObject({ traceparent: headerOf(linked), tracestate: 'vendor=1' })
  })

  it('goes on from the original at a retry by hand', async () => {
    const recorder = recordSpans()
    const tasks = openManager()
    const work = tasks.define('work', () => Promise.reject(new Error('no')))
    await tasks.start()
    const { id } = await work.enqueue()
    const { traceId } = await tasks.wait(id)
    const minted = await inRequest('POST /retry', () => tasks.retry(id))
    await tasks.wait(minted.taskId)
    const [first, again] = recorder.named('enqueue work')
    expect(parentOf(again)).toBe(idOf(first))
    expect(again?.attributes['taskloom.source']).toBe('retry')
    expect(again?.links.map((link) => link.context.spanId)).toEqual([idOf(recorder.named('POST /retry')[0])])
    expect((await tasks.get(minted.taskId))?.traceId).toBe(traceId)
  })

  it('is one of its own for a slot of a schedule, whoever started the manager', async () => {
    const recorder = recordSpans()
    const clock = createFakeClock()
    const tasks = openManager({ clock })
    tasks.schedule('tick', { every: '1s' }, () => undefined)
    await inRequest('boot', () => tasks.start())
    await clock.advance(1_000)
    await expect.poll(() => recorder.named('process tick').length).toBeGreaterThan(0)
    const [enqueue] = recorder.named('enqueue tick')
    expect(parentOf(enqueue)).toBeUndefined()
    expect(enqueue?.attributes['taskloom.source']).toBe('scheduled')
    expect(parentOf(recorder.named('process tick')[0])).toBe(idOf(enqueue))
  })

  it('reaches what a task enqueues also without a context manager', async () => {
    const recorder = recordSpans()
    context.disable()
    const tasks = openManager()
    tasks.define('parent', () => tasks.enqueue('child').then(() => undefined))
    tasks.define('child', () => undefined)
    await tasks.start()
    await tasks.enqueue('parent')
    await tasks.idle()
    expect(parentOf(recorder.named('enqueue child')[0])).toBe(idOf(recorder.named('process parent')[0]))
  })

  it('is stored also when it is not sampled', async () => {
    const recorder = recordSpans(new AlwaysOffSampler())
    const tasks = openManager()
    const work = tasks.define('work', () => taskContext()?.traceparent)
    await tasks.start()
    const { id } = await work.enqueue()
    const { traceId, traceparent, result } = await tasks.wait(id)
    expect(recorder.spans()).toEqual([])
    expect(traceparent).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-00$/)
    expect(result).toMatch(new RegExp(`"00-${traceId}-[0-9a-f]{16}-00"`))
  })

  it.each(['thread', 'process'] as const)('is seen in a %s as that of the attempt', async (executor) => {
    const recorder = recordSpans()
    const { run } = await openWorkers(executor)
    const record = await run('tell', ['you'])
    const [attempt] = recorder.named(`process ${record.funcName}`)
    expect(attempt?.attributes['taskloom.executor']).toBe(executor)
    expect(resultOf(record)).toMatchObject({ traceparent: headerOf(attempt) })
    expect(record.traceparent).toBe(headerOf(recorder.named(`enqueue ${record.funcName}`)[0]))
  })
})

function placeOf(traceparent: string) {
  const [, traceId = '', spanId = ''] = traceparent.split('-')
  return { traceId, spanId, traceFlags: 1, isRemote: true }
}
