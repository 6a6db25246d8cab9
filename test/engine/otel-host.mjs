// A host whose `@opentelemetry/api` is not as it should be: `absent`, `broken` or `strange`, with the option `on` or `off`.
// Says on one line how a task went, how often the package was looked for, and what was told.
import { register } from 'node:module'

const [state, option] = process.argv.slice(2)
const lookups = new Int32Array(new SharedArrayBuffer(4))
const hooks = `
  const targets = {
    broken: 'data:text/javascript,throw new Error("it does not load")',
    strange: 'data:text/javascript,export const trace = 7',
  }
  let lookups, state
  export function initialize(data) { ({ lookups, state } = data) }
  export async function resolve(specifier, context, next) {
    if (!specifier.startsWith('@opentelemetry')) return next(specifier, context)
    Atomics.add(lookups, 0, 1)
    if (state in targets) return { url: targets[state], shortCircuit: true }
    throw Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
  }`
register(`data:text/javascript,${encodeURIComponent(hooks)}`, { data: { lookups, state } })

const { TaskManager, taskContext } = await import('@taskloom/engine')
const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
const tasks = new TaskManager({ openTelemetry: option === 'on' })
const faults = []
let seen = null
tasks.on('error', ({ during, error }) => faults.push(`${during}: ${error.message}`))
const work = tasks.define('work', () => (seen = taskContext().traceparent))
await tasks.start()
const { id } = await work.with({ traceparent }).enqueue()
const record = await tasks.wait(id)
await tasks.shutdown()
console.log(
  JSON.stringify({ lookups: lookups[0], faults, status: record.status, traceparent: record.traceparent, seen }),
)
