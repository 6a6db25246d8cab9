/** Reads a stream until the server ends it; fails when that takes longer. */
export async function readUntilEnd(response: Response, withinMs: number): Promise<string> {
  const late = AbortSignal.timeout(withinMs)
  const reader = response.body?.getReader()
  const decoder = new TextDecoder()
  let text = ''
  const stop = () => void reader?.cancel(new Error('too late'))
  late.addEventListener('abort', stop)
  for (;;) {
    const chunk = await reader?.read()
    if (!chunk || chunk.done) break
    text += decoder.decode(chunk.value, { stream: true })
  }
  if (late.aborted) throw new Error(`the stream was still open after ${withinMs} ms: ${text}`)
  return text
}
