import { isAborted, type Client } from '@taskloom/client'
import { insightRoutes, type Suggestion } from '@taskloom/protocol'

/** What the server knows of a field that begins so, or holds it; null when it does not know. */
export async function suggest(
  client: Client,
  field: string,
  prefix: string,
  signal: AbortSignal,
): Promise<readonly Suggestion[] | null> {
  try {
    const params = new URLSearchParams({ field, prefix, limit: '12' })
    return (await client.ask(insightRoutes.suggestions, { params, signal })).values
  } catch (error) {
    if (isAborted(error)) throw error
    return null
  }
}
