// Writes docs/protocol.md from the route table and docs/element.md from the elements: `node scripts/docs.mjs`. With
// --check it only says whether the pages are current. Needs a built @taskloom/protocol.
import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import * as protocol from '../packages/protocol/dist/index.js'
import { readManifest } from './element-manifest.mjs'
import { elementPage } from './element-page.mjs'

keepCurrent('docs/protocol.md', protocolPage())
keepCurrent('docs/element.md', elementPage(await readManifest()))

function keepCurrent(name, text) {
  const page = fileURLToPath(new URL(`../${name}`, import.meta.url))
  if (readCurrent(page) === text) return
  if (process.argv.includes('--check')) {
    process.stderr.write(`${name} is not what the source says; run \`node scripts/docs.mjs\`.\n`)
    process.exitCode = 1
  } else {
    writeFileSync(page, text)
    process.stdout.write(`${name} written.\n`)
  }
}

function protocolPage() {
  const routes = Object.entries(protocol.routes).map(([name, route]) => ({
    ...route,
    answer: protocol.answerSchema(name),
    summary: protocol.summaries[name],
  }))
  return `# Protocol reference

<!-- Written by scripts/docs.mjs from packages/protocol. Change it there. -->

Version ${protocol.protocolVersion}. Every path is below the mount path (\`/tasks\` by default). Keys are \`snake_case\`, instants are ISO 8601 UTC
with milliseconds, durations are seconds as numbers except where a name ends in \`_ms\`. Readers must ignore fields and
survive statuses and events that they do not know. The same table is served as OpenAPI 3.1 at \`openapi.json\`.

## Reads

${routes
  .filter(({ method }) => method === 'GET')
  .map(describeRoute)
  .join('\n\n')}

## Commands

Each needs its action among \`actions\` of \`capabilities\`, and a request that comes from the same site.

${routes
  .filter(({ method }) => method !== 'GET')
  .map(describeRoute)
  .join('\n\n')}

## Records

${[
  ['TaskSummary', protocol.taskSummary, 'A row of the list, and the unit of the live stream.'],
  ['TaskDetail', protocol.taskDetail, 'What `GET /{task_id}` adds to the summary.', protocol.taskSummary],
  ['Attempt', protocol.attempt, 'One run of a task.'],
  ['LogEntry', protocol.logEntry, "A line of a task's log."],
  ['Metrics', protocol.metrics, 'Counts and durations over a filter.'],
  ['FunctionView', protocol.functionView, 'A defined function.'],
  ['ScheduleView', protocol.scheduleView, 'A schedule.'],
  ['Capabilities', protocol.capabilities, 'What the source and this caller can do.'],
]
  .map(describeRecord)
  .join('\n\n')}

## Live stream

\`GET stream\` answers \`text/event-stream\`. Every frame carries \`id: <epoch>-<revision>\`; send the last one back as
\`Last-Event-ID\` to go on from there. Comments keep the connection alive.

| event | data |
| --- | --- |
${Object.entries(protocol.liveEvents)
  .map(([name, { schema }]) => `| \`${name}\` | ${shape(schema)} |`)
  .join('\n')}

## Failures

RFC 9457 \`application/problem+json\` with a stable \`code\`.

| code | status | meaning |
| --- | --- | --- |
${Object.entries(protocol.problemCodes)
  .map(([code, [status, title]]) => `| \`${code}\` | ${status} | ${title} |`)
  .join('\n')}
`
}

function describeRoute({ method, path, summary, query, body, answer }) {
  const lines = [`### \`${method} /${path}\``, '', `${summary}.`, '']
  if (query.length > 0) lines.push(`- Query: ${query.map((name) => `\`${name}\``).join(', ')}`)
  if (body) lines.push(`- Body: ${shape(body.schema)}`)
  lines.push(`- Answer: ${answer ? shape(answer) : 'not described by a schema'}`)
  return lines.join('\n')
}

function describeRecord([name, codec, words, base]) {
  const known = Object.keys(base?.schema.properties ?? {})
  const fields = Object.entries(codec.schema.properties).filter(([field]) => !known.includes(field))
  const isOptional = (field) => !codec.schema.required.includes(field)
  const rows = fields.map(
    ([field, schema]) => `| \`${field}\`${isOptional(field) ? ' (optional)' : ''} | ${shape(schema)} |`,
  )
  return `### ${name}\n\n${words}\n\n| field | value |\n| --- | --- |\n${rows.join('\n')}`
}

/** A schema in words short enough for a table. */
function shape(schema) {
  const name = recordName(schema)
  if (name) return name
  if (schema.anyOf) return schema.anyOf.map(shape).join(' or ')
  if (schema.enum) return schema.enum.map((word) => `\`${word}\``).join(' or ')
  if (schema.examples) return schema.examples.map((word) => `\`${word}\``).join(', ')
  if (schema.format === 'date-time') return 'instant'
  if (schema.description === 'seconds') return 'seconds'
  if (schema.type === 'array') return `list of ${shape(schema.items)}`
  if (schema.additionalProperties) return `map to ${shape(schema.additionalProperties)}`
  if (!schema.properties) return schema.type ? [schema.type].flat().join(' or ') : 'any JSON'
  const members = Object.entries(schema.properties).map(([key, member]) => `\`${key}\`: ${shape(member)}`)
  return `{ ${members.join(', ')} }`
}

function recordName(schema) {
  const records = {
    TaskDetail: protocol.taskDetail,
    TaskSummary: protocol.taskSummary,
    Attempt: protocol.attempt,
    LogEntry: protocol.logEntry,
    Metrics: protocol.metrics,
    FunctionView: protocol.functionView,
    ScheduleView: protocol.scheduleView,
    Capabilities: protocol.capabilities,
  }
  const found = Object.entries(records).find(([, record]) => record.schema === schema)
  return found ? `[${found[0]}](#${found[0].toLowerCase()})` : null
}

function readCurrent(page) {
  try {
    return readFileSync(page, 'utf8')
  } catch {
    return null
  }
}
