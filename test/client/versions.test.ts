import { encodeLiveEvent, protocolVersion, type Capabilities } from '@taskloom/protocol'
import { describe, expect, it } from 'vitest'
import { createClient } from '../../packages/client/src/client.ts'
import { offeredActions, versionGap } from '../../packages/client/src/select.ts'
import { everything, makeTask } from './builders.ts'
import { goLive, shownIds } from './dashboard-scene.ts'

/** `hello` as a server of another version may say it. */
function helloOf(protocol: number): string {
  const own = encodeLiveEvent({
    event: 'hello',
    id: 'a-2',
    data: { epoch: 'a', revision: 2, serverTime: 0, capabilities: { ...everything, protocol } },
  })
  return own.replace('"actions":[', '"feelings":{"mood":"new"},"actions":[')
}

describe('a page and a server of other versions', () => {
  it('understand each other as long as they speak the same version of the protocol', () => {
    const gaps = [protocolVersion, protocolVersion + 1, protocolVersion - 1].map((protocol) => versionGap({ protocol }))
    expect(gaps).toEqual([null, 'older_page', 'older_server'])
    expect(versionGap(null)).toBeNull()
  })

  it('offer nothing to do once the server speaks another one, and go on showing what they have', async () => {
    const { server, store, timing } = await goLive(2)
    const failed = makeTask(1, { status: 'failed' })
    expect(offeredActions(failed, store.state.capabilities)).not.toEqual([])
    server.connection.write(helloOf(protocolVersion + 1))
    await timing.advance(1_000)
    expect(versionGap(store.state.capabilities)).toBe('older_page')
    expect(offeredActions(failed, store.state.capabilities)).toEqual([])
    expect(shownIds(store)).toHaveLength(2)
    server.connection.write(helloOf(protocolVersion))
    await timing.advance(1_000)
    expect(versionGap(store.state.capabilities)).toBeNull()
    expect(offeredActions(failed, store.state.capabilities)).not.toEqual([])
  })

  it('say which of them is older also where nothing else is understood', async () => {
    const said = { protocol: protocolVersion + 1, shape: 'another' }
    const answer = () =>
      Promise.resolve(new Response(JSON.stringify(said), { headers: { 'content-type': 'application/json' } }))
    const client = createClient({ src: '/tasks', fetch: answer })
    const found: Capabilities = await client.capabilities()
    expect(versionGap(found)).toBe('older_page')
    await expect(client.list()).rejects.toMatchObject({ problem: { code: 'bad_answer' } })
  })

  it('keep rows of a status that the page does not know', async () => {
    const { server, store, timing } = await goLive(1)
    server.publish(makeTask(1, { status: 'dreaming' as never, version: 9 }))
    await timing.advance(1_000)
    expect(store.state.list.tasks.map(({ status }) => status)).toEqual(['dreaming'])
  })
})
