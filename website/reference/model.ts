/** What is said of one public name. */
export interface Item {
  readonly name: string
  readonly kind: ItemKind
  /** Its docstring, with `{@link …}` as it is written; empty without one. */
  readonly words: string
  /** Samples of its docstring, as they are written. */
  readonly examples: readonly string[]
  /** Its declaration without a body. */
  readonly code: string
  readonly members: readonly Member[]
}

/** Under which heading a name stands. */
export type ItemKind = 'function' | 'class' | 'constant' | 'type'

/** What belongs to a class, an interface, an object or a record of the protocol. */
export interface Member {
  /** Unique within its owner: `depth`, `nested.depth`, `constructor`. */
  readonly name: string
  /** As it is declared: `depth?: number`, `verb(what: string): void`. */
  readonly code: string
  readonly words: string
  readonly members: readonly Member[]
}

/** A module with what it exports, sorted by name. */
export interface Module {
  readonly specifier: string
  /** Its page below `api/`, without `.md`. */
  readonly page: string
  readonly items: readonly ModuleItem[]
}

/** A name of a module; one that more modules export is described in the first of them, its home. */
export interface ModuleItem {
  readonly item: Item
  readonly home: { readonly specifier: string; readonly page: string }
}
