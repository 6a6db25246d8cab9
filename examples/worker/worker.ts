import { openTasks } from './tasks.ts'

const { tasks } = openTasks({ work: true })
await tasks.start()
console.log(`worker ${process.pid} looks for tasks`)

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void tasks.shutdown())
