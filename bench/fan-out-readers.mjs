import { connect } from 'node:net'

// The other side of bench/fan-out.ts, in a process of its own. Told to open connections, it reads them, or does not;
// asked to report, it says how much came and how late: each frame holds the instants of its changes.
const mark = Buffer.from('"message":"')
const sockets = []
let tally = freshTally()

process.on('message', async ({ verb, port, path, readers, stalled, cycles }) => {
  if (verb === 'open')
    await Promise.all(Array.from({ length: readers + stalled }, (_, at) => open(port, path, at < readers)))
  if (verb === 'close') for (const socket of sockets.splice(0)) socket.destroy()
  if (verb === 'cycle') for (let done = 0; done < cycles; done += 1) await cycle(port, path, done)
  process.send({ verb, ...tally })
  tally = freshTally()
})
process.on('disconnect', () => process.exit(0))

function freshTally() {
  return { frames: 0, bytes: 0, lags: [] }
}

function open(port, path, isReader) {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
    })
    sockets.push(socket)
    socket.once('error', reject)
    socket.once('data', () => {
      if (isReader) socket.on('data', read)
      else socket.pause()
      resolve()
    })
  })
}

function read(chunk) {
  tally.bytes += chunk.length
  const at = chunk.indexOf(mark)
  if (at < 0) return
  const sentAt = Number(chunk.toString('latin1', at + mark.length, at + mark.length + 13))
  if (!(sentAt > 1e12)) return
  tally.frames += 1
  tally.lags.push(Date.now() - sentAt)
}

/** Connects and goes again, at different moments of the answer. */
function cycle(port, path, at) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`)
      if (at % 3 === 0) socket.destroy()
    })
    socket.on('error', () => undefined)
    socket.on('data', () => socket.destroy())
    socket.on('close', resolve)
  })
}
