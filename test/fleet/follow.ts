import type { Client } from '@taskloom/client'
import { anyTask, decodeLiveEvent, type TaskSummary } from '@taskloom/protocol'
import { createParser } from 'eventsource-parser'

export interface Followed {
  /** The rows as they were when the stream last said that they had changed. */
  rows(): readonly TaskSummary[]
  leave(): void
}

/** Watches a dashboard as a page does: fetches only when the stream says that there is something new. */
export async function follow(client: Client): Promise<Followed> {
  const gone = new AbortController()
  let rows: readonly TaskSummary[] = []
  let asked = 0
  const fetchRows = async (): Promise<void> => {
    const ask = (asked += 1)
    const { tasks } = await client.list({ limit: 100 })
    if (ask === asked) rows = tasks
  }
  const parser = createParser({
    onEvent: (message) => {
      const event = decodeLiveEvent(message)
      if (event?.event === 'tasks') void fetchRows().catch(() => undefined)
    },
  })
  const { body } = await client.openStream({ filter: anyTask, taskId: null, lastEventId: null, signal: gone.signal })
  const read = async (): Promise<void> => {
    for await (const text of body!.pipeThrough(new TextDecoderStream())) parser.feed(text)
  }
  void read().catch(() => undefined)
  return { rows: () => rows, leave: () => gone.abort() }
}
