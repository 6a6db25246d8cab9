import { taskPage } from '@taskloom/protocol'
import { beforeAll, describe, expect, it } from 'vitest'
import { asCookie, guard, tokenOf, users } from './identity-scene.ts'
import { mount } from './mounted.ts'
import { ask, readJson } from './request.ts'

let auth: Awaited<ReturnType<typeof users>>
beforeAll(async () => {
  auth = await users()
})

/** What a browser reads from the page. */
async function readData(response: Promise<Response>): Promise<{ query: string; answer: unknown } | null> {
  const html = await (await response).text()
  const [, json] = /<script type="application\/json" id="first-rows">(.*?)<\/script>/s.exec(html) ?? []
  return json === undefined ? null : (JSON.parse(json) as { query: string; answer: unknown })
}

describe('the first rows in the page', () => {
  it('are what the list answers to the question that they name', async () => {
    const { source, handler } = mount()
    await source.add({ status: 'failed', error: 'card declined' })
    await source.add({})
    const data = await readData(ask(handler, '/dashboard'))
    expect(data?.query).toBe('sort=created_at&order=desc&limit=30')
    expect(data?.answer).toEqual(await readJson(await ask(handler, `/?${data?.query}`)))
    expect(taskPage.decode(data?.answer).tasks).toHaveLength(2)
  })

  it('end no script, whatever a task is called', async () => {
    const { source, handler } = mount()
    await source.add({ funcName: '</script><script>alert(1)</script><!--' })
    const html = await (await ask(handler, '/dashboard')).text()
    expect(html).not.toContain('<script>alert')
    expect(html).not.toContain('<!--')
    const answer = taskPage.decode((await readData(ask(handler, '/dashboard')))?.answer)
    expect(answer.tasks[0]?.funcName).toBe('</script><script>alert(1)</script><!--')
  })

  it('are those that the caller may see', async () => {
    const { source, handler } = guard({ auth })
    await source.add({ queue: 'mail' })
    await source.add({ queue: 'payments' })
    const seenBy = async (name: string) => {
      const headers = asCookie(await tokenOf(handler, name))
      const answer = taskPage.decode((await readData(ask(handler, '/dashboard', { headers })))?.answer)
      return answer.tasks.map(({ queue }) => queue).sort()
    }
    expect(await seenBy('vera')).toEqual(['mail'])
    expect(await seenBy('ann')).toEqual(['mail', 'payments'])
  })

  it('are left out where the source does not answer, and the page comes all the same', async () => {
    const { source, handler, errors } = guard({ auth })
    const headers = asCookie(await tokenOf(handler))
    source.list = () => Promise.reject(new Error('the disk is gone'))
    expect(await readData(ask(handler, '/dashboard', { headers }))).toBeNull()
    expect((await ask(handler, '/dashboard', { headers })).status).toBe(200)
    expect(errors).toHaveLength(2)
  })

  it('are not waited for when they are slow', async () => {
    const { source, handler, clock } = guard({ auth })
    const headers = asCookie(await tokenOf(handler))
    source.list = () => new Promise(() => undefined)
    const page = readData(ask(handler, '/dashboard', { headers }))
    await expect.poll(() => clock.advance(500).then(() => clock.pending)).toBe(0)
    expect(await page).toBeNull()
  })
})
