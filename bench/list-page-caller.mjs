// Asks one path again and again over some connections that stay open, and says how often it was answered in a time.
import { connect } from 'node:net'

process.on('message', ({ port, path, connections, seconds }) => {
  const request = `GET ${path} HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\naccept: application/json\r\n\r\n`
  const sockets = Array.from({ length: connections }, () => connect(port, '127.0.0.1'))
  let answers = 0
  for (const socket of sockets) {
    let wanted = 0
    let got = 0
    socket.on('data', (chunk) => {
      if (wanted === 0) wanted = wholeLength(chunk)
      got += chunk.length
      if (got < wanted) return
      answers += 1
      wanted = 0
      got = 0
      socket.write(request)
    })
    socket.write(request)
  }
  const begun = performance.now()
  setTimeout(() => {
    const perSecond = (answers * 1_000) / (performance.now() - begun)
    for (const socket of sockets) socket.destroy()
    process.send({ perSecond })
  }, seconds * 1_000)
})

/** Of an answer whose head is in the first chunk, as those here are. */
function wholeLength(chunk) {
  const head = chunk.indexOf('\r\n\r\n')
  const text = chunk.toString('latin1', 0, head)
  if (!text.startsWith('HTTP/1.1 200')) throw new Error(text)
  return head + 4 + Number(/content-length: (\d+)/i.exec(text)[1])
}
