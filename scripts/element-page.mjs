import { elementsOf } from './element-manifest.mjs'

/** The reference of the elements as a page of the documentation. */
export function elementPage(manifest) {
  const elements = elementsOf(manifest)
  const shared = elements[0]?.cssProperties ?? []
  return `# Element reference

<!-- Written by scripts/docs.mjs from packages/dashboard. Change it there. -->

${elements.map(({ tagName }) => `[\`<${tagName}>\`](#${tagName})`).join(' · ')} · [custom properties](#custom-properties)

How they are put on a page is told in [embedding](embedding.md) and [small elements](small-elements.md); what they
look like in [theming](theming.md). An attribute that is not understood means its default.

${elements.map(describe).join('\n\n')}

## Custom properties

Each may be set on an element or on anything around it.

| property | default |
| --- | --- |
${shared.map(({ name, default: value }) => `| \`${name}\` | \`${value}\` |`).join('\n')}
`
}

function describe(element) {
  const { tagName, description = '', attributes = [], members = [], events = [], slots = [], cssParts = [] } = element
  const properties = members.filter(({ kind, attribute }) => kind === 'field' && attribute === undefined)
  const methods = members.filter(({ kind }) => kind === 'method')
  const parts = [
    `## \`<${tagName}>\``,
    description,
    table('attribute | property | type | default | meaning', attributes, attributeRow),
    table('property | type | meaning', properties, propertyRow),
    table('method | meaning', methods, methodRow),
    table('event | meaning', events, namedRow),
    table('slot | meaning', slots, ({ name, description: words }) => [code(name || '(none)'), words]),
    table('part | meaning', cssParts, namedRow),
  ]
  return parts.filter((part) => part !== '').join('\n\n')
}

function table(head, entries, row) {
  if (entries.length === 0) return ''
  const rows = entries.map((entry) => `| ${row(entry).map(cell).join(' | ')} |`)
  return [
    `| ${head} |`,
    `|${head
      .split('|')
      .map(() => ' --- |')
      .join('')}`,
    ...rows,
  ].join('\n')
}

function attributeRow({ name, fieldName = name, type, default: value, description }) {
  return [
    code(name),
    code(fieldName),
    code(type?.text ?? 'string'),
    code((value ?? '').replaceAll("'", '"')),
    description,
  ]
}

function propertyRow({ name, type, description, readonly }) {
  return [code(name), code(type?.text ?? ''), `${description ?? ''}${readonly ? ' Read only.' : ''}`]
}

function methodRow({ name, parameters = [], return: answer, description }) {
  const taken = parameters.map((parameter) => `${parameter.name}: ${parameter.type?.text ?? 'unknown'}`).join(', ')
  return [code(`${name}(${taken}): ${answer?.type?.text ?? 'void'}`), description]
}

function namedRow({ name, description }) {
  return [code(name), description]
}

function code(text) {
  return text === '' ? '' : `\`${text}\``
}

function cell(text = '') {
  return text.replace(/\s+/g, ' ').replaceAll('|', '\\|').trim()
}
