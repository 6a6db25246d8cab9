import fc from 'fast-check'
import { taskStatuses } from '@taskloom/protocol'
import { describe, expect, it } from 'vitest'
import { createHandler } from '../../packages/engine/src/server/handler.ts'
import { ScriptedSource } from '../../packages/testkit/src/scripted-source.ts'
import { askOf, oddRequest } from './odd-requests.ts'
import { ask } from './request.ts'

describe('whatever is asked', () => {
  it('the answer is one of ours and never a server error', { timeout: 60_000 }, async () => {
    const statuses = new Map<number, number>()
    const source = new ScriptedSource()
    const ids: string[] = []
    for (const status of taskStatuses) ids.push((await source.add({ status, tags: { env: 'prod' } })).taskId)
    const errors: unknown[] = []
    const handler = createHandler(source, { onError: (error) => errors.push(error) })
    await fc.assert(
      fc.asyncProperty(oddRequest, async (asked) => {
        const { target, ask: sent } = askOf(asked, ids)
        const response = await ask(handler, target, sent)
        statuses.set(response.status, (statuses.get(response.status) ?? 0) + 1)
        expect(response.headers.get('x-content-type-options')).toBe('nosniff')
        if (response.headers.get('content-type')?.startsWith('text/event-stream')) await response.body?.cancel()
        else expect((await response.text()).length).toBeLessThan(1024 * 1024)
        expect(response.status === 501 || response.status < 500, `${target} ${response.status}`).toBe(true)
        expect(errors).toEqual([])
      }),
      { numRuns: 4_000, seed: 20_260_105 },
    )
    expect(({} as Record<string, unknown>)['a']).toBeUndefined()
    // A fuzzer that is only turned away at the door proves nothing.
    for (const status of [200, 400, 403, 404, 405, 415])
      expect(statuses.get(status) ?? 0, String(status)).toBeGreaterThan(10)
  })
})
