import type { Formats } from '../format.ts'
import { writeJson } from './json-text.ts'
import type { Field, Shape } from './schema.ts'

/** What may be written, in a word or two; empty where the control says it. */
export function kindWords({ shape }: Field, kind: Shape['kind'] | 'null', { say }: Formats): string {
  if (kind === 'number') return shape.kind === 'number' && shape.isWhole ? say('whole number') : say('number')
  if (kind === 'json') return say('JSON')
  return kind === 'text' && shape.kind === 'text' ? (shape.format ?? '') : ''
}

/** How one of several forms is called: its title, what tells it from the others, or what it asks for. */
export function branchWords({ title, shape, schema }: Field, index: number, { say }: Formats): string {
  if (title) return title
  if (shape.kind === 'fixed') return writeJson(shape.value).slice(0, 80)
  if (shape.kind === 'object') {
    const fixed = shape.members.flatMap(({ field }) => (field.shape.kind === 'fixed' ? [field.shape.value] : []))
    if (fixed.length > 0)
      return fixed
        .map((value) => (typeof value === 'string' ? value : writeJson(value)))
        .join(', ')
        .slice(0, 80)
  }
  const words = {
    text: say('Text'),
    number: say('Number'),
    truth: say('True or false'),
    choice: say('One of several'),
    list: say('List'),
    object: say('Object'),
    either: say('One of several kinds'),
    json: say('JSON'),
  }
  return `${index + 1} · ${schema ? words[shape.kind] : words.json}`
}
