import WebSocket from 'ws'

/** What became of a WebSocket. */
export interface SocketStory {
  /** 101, or that of the answer in its place. */
  readonly status: number
  readonly messages: readonly string[]
  /** Null while the server keeps it open. */
  readonly closeCode: number | null
}

/** Opens a WebSocket, sends a message if one is given, and waits until it is answered or closed; then it is closed. */
export async function openSocket(
  url: string,
  headers: Readonly<Record<string, string>>,
  message?: string,
): Promise<SocketStory> {
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers: { ...headers } })
  const messages: string[] = []
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`nothing came of ${url}: ${messages.join()}`)), 10_000)
    const end = (story: Omit<SocketStory, 'messages'>) => {
      clearTimeout(late)
      socket.terminate()
      resolve({ ...story, messages })
    }
    socket.on('unexpected-response', (_request, response) => {
      response.resume()
      end({ status: response.statusCode ?? 0, closeCode: null })
    })
    socket.on('open', () => message !== undefined && socket.send(message))
    socket.on('message', (data: Buffer) => {
      messages.push(data.toString())
      if (message === undefined || messages.length > 1) end({ status: 101, closeCode: null })
    })
    socket.on('close', (code) => end({ status: 101, closeCode: code }))
    socket.on('error', () => undefined)
  })
}
