/**
 * Something to be said in the reader's language: the English text, which is also the key of its translations, and what stands
 * for its `{names}`.
 */
export interface Words {
  /** English; with `one`, of any number but one. */
  readonly text: string
  /** What is written in the place of `{name}`; numbers in the way of the language. None by default. */
  readonly values?: WordValues | undefined
  /** The English text for exactly one `{n}`; absent where nothing is counted. */
  readonly one?: string | undefined
}

/** What stands for the `{names}` of a text. */
export type WordValues = Readonly<Record<string, string | number>>

/** Marks a table of English texts that are said later, so that they are found for translation: `{…} satisfies WordTable`. */
export type WordTable = Readonly<Record<string, string | readonly string[]>> | readonly (string | readonly string[])[]

/** The texts of a language by their English ones; forms by plural category where something is counted. */
export type Catalogue = Readonly<Record<string, string | Readonly<Partial<Record<Intl.LDMLPluralRule, string>>>>>
