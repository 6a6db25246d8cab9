const note = '// Written by scripts/editor-data.mjs from the elements. Change them there.'
/** Without it every declaration of such a file can be imported, said to be exported or not. */
const nothingElse = 'export {}'

/** What each tag takes in JSX, as types that any library of components can be told of. */
export function jsxTypes(elements) {
  const classes = elements.map(({ name, tagName }) => `import type { ${name} } from '${entryOf(tagName)}'`)
  return `${note}
${classes.join('\n')}
import type { DashboardEvents } from './events.js'
import type { SiblingEvents } from './siblings/index.js'

/** The value of a property, or the same as the text of an attribute. */
type Attribute<T> = T extends number ? T | \`\${number}\` : T extends boolean ? T | '' : T

/** What every tag takes beside its own. */
export interface BaseProps {
  readonly children?: unknown
  readonly key?: string | number | bigint | null | undefined
  readonly ref?: unknown
  readonly id?: string | undefined
  readonly slot?: string | undefined
  readonly class?: string | undefined
  readonly className?: string | undefined
  readonly style?: unknown
  readonly hidden?: boolean | undefined
  readonly lang?: string | undefined
  readonly dir?: string | undefined
  readonly part?: string | undefined
  readonly tabIndex?: number | undefined
  readonly [data: \`data-\${string}\` | \`aria-\${string}\`]: unknown
}

${elements.map(propsOf).join('\n\n')}

/** What the tags take, by name. */
export interface TaskElements {
${elements.map(({ tagName }) => `  '${tagName}': ${propsName(tagName)}`).join('\n')}
}

${nothingElse}
`
}

/** Tells React of the tags. */
export function reactTypes() {
  return `${note}
import type {} from 'react'
import type { TaskElements } from './jsx.js'

declare module 'react' {
  namespace JSX {
    interface IntrinsicElements extends TaskElements {}
  }
}
`
}

/** Tells the templates of Vue of the tags. */
export function vueTypes(elements) {
  return `${note}
import type {} from 'vue'
import type { TaskElements } from './jsx.js'

/** Vue writes \`@task-end\` as \`onTaskEnd\`. */
type Listeners<P> = {
  readonly [K in keyof P as K extends \`on\${infer N}\` ? \`on\${Camel<N>}\` : never]?: P[K]
}
type Camel<N extends string> = N extends \`\${infer A}-\${infer B}\` ? \`\${Capitalize<A>}\${Camel<B>}\` : Capitalize<N>
type Tag<P> = new () => { $props: P & Listeners<P> }

declare module 'vue' {
  interface GlobalComponents {
${elements.map(({ tagName }) => `    '${tagName}': Tag<TaskElements['${tagName}']>`).join('\n')}
  }
}

${nothingElse}
`
}

function propsOf({ tagName, name, attributes = [], members = [], events = [] }) {
  const ofEvents = tagName === 'task-dashboard' ? 'DashboardEvents' : 'SiblingEvents'
  const own = attributes.map(({ name: attribute, fieldName = attribute, description }) =>
    line(attribute, `Attribute<${name}['${fieldName}']>`, description),
  )
  const isSettable = ({ kind, readonly, attribute, name: field }) =>
    kind === 'field' && !readonly && (attribute === undefined || attribute !== field)
  const fields = members
    .filter(isSettable)
    .map((field) => line(field.name, `${name}['${field.name}']`, field.description))
  const handlers = events.map(({ name: event, description }) =>
    line(`on${event}`, `((event: CustomEvent<${ofEvents}['${event}']>) => void)`, description),
  )
  const hasTitle = attributes.some((attribute) => attribute.name === 'title')
  const title = hasTitle ? [] : [line('title', 'string', 'As for every element.')]
  return `/** What \`<${tagName}>\` takes. */
export interface ${propsName(tagName)} extends BaseProps {
${[...own, ...title, ...fields, ...handlers].join('\n')}
}`
}

function line(name, type, description = '') {
  const words = description.replace(/\s+/g, ' ').trim()
  const key = /^\w+$/.test(name) ? name : `'${name}'`
  return `${words ? `  /** ${words} */\n` : ''}  readonly ${key}?: ${type} | undefined`
}

function propsName(tagName) {
  return `${tagName.replace(/(?:^|-)(\w)/g, (_, letter) => letter.toUpperCase())}Props`
}

function entryOf(tagName) {
  return tagName === 'task-dashboard' ? './index.js' : './siblings/index.js'
}
