import type { TaskSummary } from '@taskloom/protocol'
import type { Clock } from '../../core/clock.ts'
import type { ListQuestion } from '../../stores/store.ts'
import type { TaskSource } from '../source.ts'
import type { Layout } from './layout.ts'

const pageSize = 500
/** Whoever takes nothing for so long has gone without saying so. */
const stallMs = 60_000
const encoder = new TextEncoder()

export interface ExportFile {
  readonly source: Pick<TaskSource, 'list'>
  readonly question: Pick<ListQuestion, 'filter' | 'sort' | 'order'>
  readonly layout: Layout
  readonly clock: Clock
  /** Hears of a failure halfway; the reader sees the file break off. */
  readonly onError: (error: unknown, id: null) => void
  /** Called once, however it ends. */
  readonly onEnd: () => void
}

/** A file that is read from the store as it is taken: at most one page of it is ever there. */
export function streamFile({ layout, clock, onError, onEnd, ...asked }: ExportFile): ReadableStream<Uint8Array> {
  const pages = pagesOf(asked.source, asked.question)
  let text = layout.head
  let hasRows = false
  let stopWaiting = () => {}
  const end = (): void => {
    stopWaiting()
    onEnd()
  }
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        stopWaiting()
        try {
          let isLast = false
          do {
            const { value: tasks = [], done = false } = await pages.next()
            if (tasks.length > 0) text += layout.page(tasks, !hasRows)
            hasRows ||= tasks.length > 0
            isLast = done
          } while (text === '' && !isLast)
          controller.enqueue(encoder.encode(isLast ? text + layout.foot : text))
          text = ''
          if (isLast) {
            controller.close()
            return end()
          }
        } catch (error) {
          end()
          onError(error, null)
          return controller.error(error)
        }
        stopWaiting = clock.after(stallMs, () => {
          end()
          controller.error(new Error('Nobody reads this file'))
        })
      },
      cancel: end,
    },
    { highWaterMark: 0 },
  )
}

/** Page after page by keyset; the last one is returned. Rows that move meanwhile are met once, at one of their places. */
async function* pagesOf(
  source: Pick<TaskSource, 'list'>,
  question: ExportFile['question'],
): AsyncGenerator<readonly TaskSummary[], readonly TaskSummary[]> {
  let cursor: ListQuestion['cursor'] = null
  for (;;) {
    const { tasks, next } = await source.list({ ...question, limit: pageSize, cursor })
    // A source that answers with the place it was given would keep us for ever.
    if (next === null || (next.taskId === cursor?.taskId && next.value === cursor.value)) return tasks
    yield tasks
    cursor = next
  }
}
