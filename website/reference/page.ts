import type { ItemKind, Member, Module, ModuleItem } from './model.ts'
import type { NameIndex } from './names.ts'

const headings: Readonly<Record<ItemKind, string>> = {
  class: 'Classes',
  function: 'Functions',
  constant: 'Constants',
  type: 'Types',
}

/** What modules that export no names are there for. */
const effects: Readonly<Record<string, string>> = {
  '@taskloom/dashboard/define': 'Registers `<task-dashboard>` and all that it is made of. It exports no names.',
  '@taskloom/dashboard/siblings/define':
    'Registers `<task-status>`, `<task-progress>` and `<task-list>`; those whose names are taken are left alone. It exports no names.',
  '@taskloom/dashboard/react': 'Types alone: tells JSX of React what the tags take. It exports no names.',
  '@taskloom/dashboard/vue': 'Types alone: tells the templates of Vue what the tags take. It exports no names.',
}

/** The page of a module. */
export function modulePage(module: Module, names: NameIndex): string {
  const kinds = Object.keys(headings) as ItemKind[]
  const sections = kinds.flatMap((kind) => {
    const items = module.items.filter(({ item }) => item.kind === kind)
    return items.length === 0 ? [] : [`## ${headings[kind]}`, ...items.map((each) => itemText(each, module, names))]
  })
  return [`# ${module.specifier}`, introduction(module), ...sections].join('\n\n') + '\n'
}

function introduction({ specifier, items }: Module): string {
  if (items.length > 0) return importLine(specifier, items)
  const effect = effects[specifier]
  if (!effect) throw new Error(`${specifier} exports no names, and nothing says what it is there for`)
  return `${effect}\n\n\`\`\`ts\nimport '${specifier}'\n\`\`\``
}

/** What most users import of a module that has much else. */
const mainNames = ['TaskManager', 'TaskDashboard', 'createClient', 'routes', 'describeStore', 'mount', 'sqlite']

/** How what it is mostly used for is imported, or its first value; of types alone, its first type. */
function importLine(specifier: string, items: readonly ModuleItem[]): string {
  const [main] = mainNames.flatMap((name) => items.filter(({ item }) => item.name === name))
  const value = main ?? items.find(({ item }) => item.kind !== 'type')
  const name = value?.item.name ?? `type ${items[0]?.item.name ?? ''}`
  return `\`\`\`ts\nimport { ${name} } from '${specifier}'\n\`\`\``
}

function itemText({ item, home }: ModuleItem, { page }: Module, names: NameIndex): string {
  const heading = `### ${item.name} {#${item.name}}`
  const words = wordsText(item.words, page, names)
  if (home.page !== page) {
    return `${heading}\n\n${words}\n\nThe same as in [\`${home.specifier}\`](${home.page}.md#${item.name}).`
  }
  const members = item.members.map((member) => memberText(member, item.name, page, names)).join('\n')
  const parts = [heading, words, `\`\`\`ts\n${item.code}\n\`\`\``, named(item.code, item.name, page, names), members]
  const examples = item.examples.map((example) =>
    example.startsWith('```') ? example : `\`\`\`html\n${example}\n\`\`\``,
  )
  return [...parts, ...examples].filter((part) => part !== '').join('\n\n')
}

/** Links to the public types that a declaration names: there are none within its code. */
function named(code: string, own: string, page: string, names: NameIndex): string {
  const found = new Set(code.replace(/\/\*.*?\*\//gs, '').match(/\b[A-Z]\w+/g) ?? [])
  const links = [...found].flatMap((name) => {
    const place = name === own ? null : names.find(name, page)
    return place === null ? [] : [`[${name}](${place})`]
  })
  return links.length === 0 ? '' : `See ${links.join(' · ')}.`
}

function memberText(member: Member, owner: string, page: string, names: NameIndex, indent = ''): string {
  const code = `<code id="${owner}.${member.name}" v-pre>${linkedCode(member.code, page, names)}</code>`
  const words = wordsText(member.words, page, names).replace(/\s+/g, ' ')
  const nested = member.members.map((each) => `\n${memberText(each, owner, page, names, `${indent}  `)}`).join('')
  return `${indent}- ${code}${words === '' ? '' : `<br>${words}`}${nested}`
}

/** Code as HTML in which the public types are links, and nothing is taken for Markdown. */
function linkedCode(code: string, page: string, names: NameIndex): string {
  return code
    .split(/(\b[A-Z]\w+\b)/)
    .map((part, index) => {
      const place = index % 2 === 1 ? names.find(part, page) : null
      return place === null ? escaped(part) : `<a href="${place.replace('.md#', '.html#')}">${part}</a>`
    })
    .join('')
}

function escaped(text: string): string {
  return text.replace(/[^\w\s.,:;()?=-]|_/g, (char) => `&#${char.codePointAt(0) ?? 0};`)
}

/** A docstring as Markdown: `{@link …}` leads to where the name is described, and tags outside of code are text. */
function wordsText(words: string, page: string, names: NameIndex): string {
  return words
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll('<', '&lt;')))
    .join('')
    .replace(/\{@link\s+([\w.]+)\s*(?:\|?\s*([^}]*))?\}/g, (_, name: string, label: string | undefined) => {
      const text = label === undefined || label === '' ? `\`${name}\`` : label
      const place = names.find(name, page)
      return place === null ? text : `[${text}](${place})`
    })
}
