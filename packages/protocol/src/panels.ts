import { array, DecodeError, json, object, oneOf, optional, string, type Codec, type Infer } from './codec.ts'
import { panelEntry } from './views.ts'

/** What a card's colour says of its value. */
export const panelTones = ['good', 'warning', 'bad'] as const

/** A value as it stands in a card or a cell. */
export type PanelValue = string | number | boolean | null
const panelValue: Codec<PanelValue> = {
  encode: (value) => value,
  decode(input, path = '') {
    const isFitting = input === null || typeof input === 'string' || typeof input === 'boolean'
    if (isFitting || Number.isFinite(input)) return input as PanelValue
    throw new DecodeError(path, 'a text, a number, true, false or null')
  },
  schema: { type: ['string', 'number', 'boolean', 'null'] },
}

const panelStat = object({
  label: string,
  value: panelValue,
  unit: optional(string),
  tone: optional(oneOf(panelTones)),
})

/** Plain text, shown as it is: neither HTML nor links. */
const textBlock = object({ kind: oneOf(['text']), text: string })
const statsBlock = object({ kind: oneOf(['stats']), stats: array(panelStat) })
const tableBlock = object({ kind: oneOf(['table']), columns: array(string), rows: array(array(panelValue)) })
/** Anything else, shown as a tree. */
const jsonBlock = object({ kind: oneOf(['json']), value: json })

const blocks = { text: textBlock, stats: statsBlock, table: tableBlock, json: jsonBlock } as const
/** One part of a panel, told by its `kind`. */
export type PanelBlock = Infer<(typeof blocks)[keyof typeof blocks]>

/** One part as it stands on the wire. */
export const panelBlock: Codec<PanelBlock> = {
  encode: (block) => blocks[block.kind].encode(block as never),
  decode(input, path = '') {
    const { kind } = object({ kind: oneOf(Object.keys(blocks) as (keyof typeof blocks)[]) }).decode(input, path)
    return blocks[kind].decode(input, path)
  },
  schema: { anyOf: Object.values(blocks).map(({ schema }) => schema) },
}

/** All parts of a panel; throws for a kind that is not known. */
export const panelBlocks = array(panelBlock)

/** The same as a reader takes them: kinds that a newer server may add are left out. */
const knownBlocks: typeof panelBlocks = {
  ...panelBlocks,
  decode: (input, path) => panelBlocks.decode(Array.isArray(input) ? input.filter(isKnown) : input, path),
}

function isKnown(block: unknown): boolean {
  const { kind } = (block ?? {}) as { readonly kind?: unknown }
  return typeof kind !== 'string' || Object.hasOwn(blocks, kind)
}

/** A panel with its content. Every key is one word: on the wire it is the same as here. */
export const panelView = object({
  ...panelEntry.fields,
  /** Drawn one below the other. */
  blocks: knownBlocks,
})
/** A panel with its content. */
export type PanelView = Infer<typeof panelView>
