import Papa from 'papaparse'
import { makeTask } from './printworks.ts'
import { assert, assertEqual, button, mount, unmountAll, until } from './mounted.ts'

const nasty = [
  '=1+1',
  ' =1',
  '\u00a0@x',
  '-5',
  'a,b',
  'say "hi"',
  'two\nlines',
  ' led',
  'trailed ',
  '\ufeffbom',
  '',
  '"',
  '＝1',
  '\t=x',
]
const tasks = nasty.map((text, index) =>
  makeTask({
    taskId: `task-${index}`,
    funcName: text,
    error: text,
    status: 'failed',
    durationMs: index === 3 ? null : 1.5,
  }),
)

let saved: Blob | null = null
const create = URL.createObjectURL
before(() => {
  URL.createObjectURL = (blob) => {
    saved = blob as Blob
    return create.call(URL, new Blob())
  }
  HTMLAnchorElement.prototype.click = () => undefined
})
after(() => {
  URL.createObjectURL = create
  delete (HTMLAnchorElement.prototype as { click?: unknown }).click
})
afterEach(unmountAll)

describe('the CSV of the built file', () => {
  it('is what papaparse would have written', async () => {
    const { element } = await mount({}, { tasks })
    button(element, 'Export CSV').click()
    await until(() => saved !== null, 'the file')
    const bytes = new Uint8Array(await (saved as unknown as Blob).arrayBuffer())
    assertEqual([...bytes.slice(0, 3)], [0xef, 0xbb, 0xbf], 'the byte order mark')
    const text = new TextDecoder().decode(bytes)
    const rows = tasks.map((task) => [
      task.taskId,
      task.funcName,
      task.status,
      task.durationMs,
      task.retriesUsed,
      new Date(task.createdAt).toISOString(),
      task.error,
    ])
    const head = ['ID', 'Function', 'Status', 'Duration (ms)', 'Retries', 'Created', 'Error']
    const options = { escapeFormulae: /^[\s\u00a0]*[=+\-@\t\r＝＋－＠]/, newline: '\r\n' }
    assertEqual(text, `${Papa.unparse([head, ...rows], options)}\r\n`)
    assert(text.includes(`"'=1+1"`), 'formulas are text')
  })
})
