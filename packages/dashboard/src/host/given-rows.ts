import type { DashboardStoreOptions } from '@taskloom/client'
import { taskPage } from '@taskloom/protocol'

type GivenRows = DashboardStoreOptions['given']

/**
 * The answer to the first question, where the server wrote it into its page: the text of an element with this id. It is read once,
 * because it grows old; what is not understood was never there.
 */
export function takeGivenRows(id: string | null): GivenRows {
  const element = id === null ? null : document.getElementById(id)
  element?.remove()
  try {
    const { query, answer } = JSON.parse(element?.textContent ?? '') as Record<string, unknown>
    return { query: String(query), answer: taskPage.decode(answer) }
  } catch {
    return undefined
  }
}
