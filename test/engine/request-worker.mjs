// The process that the test of requests kills while a task waits for the response: a real server that never answers.
import { createServer, get } from 'node:http'
import { TaskManager } from '@taskloom/engine'
import { mount } from '@taskloom/engine/node'

const tasks = new TaskManager({ store: process.argv[2] })
const note = tasks.define('note', () => process.stdout.write('it ran too early\n'))
const server = createServer(() => {
  void note.enqueue('held').then(({ id }) => process.stdout.write(`${id}\n`))
})
mount(server, tasks, { autoInstall: true })
server.listen(0, '127.0.0.1', () => get(`http://127.0.0.1:${server.address().port}/`))
