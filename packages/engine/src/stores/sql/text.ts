/** Statements that are kept translated; there are a few hundred, and those of rare combinations of filters. */
const maxTexts = 1_000

/** Writes statements as one database and one set of tables wants them: `@name` is a table, `?` a parameter; what the database
 * calls `@@name` stays as it is. */
export class Texts {
  readonly #known = new Map<string, string>()

  constructor(
    private readonly table: (name: string) => string,
    /** What stands for the parameter at a place, from 1. */
    private readonly placeholder: (place: number) => string,
  ) {}

  of(sql: string): string {
    const known = this.#known.get(sql)
    if (known !== undefined) return known
    if (this.#known.size >= maxTexts) this.#known.clear()
    let place = 0
    const text = sql.replace(/(?<!@)@([a-z_]+)|\?/g, (_, name: string | undefined) =>
      name === undefined ? this.placeholder((place += 1)) : this.table(name),
    )
    this.#known.set(sql, text)
    return text
  }
}

/**
 * A text as it is stored: what is no text to a database, NUL and halves of surrogate pairs, is U+FFFD there. Every
 * connection asks for it, so that values which were written are found again.
 */
export function storable(text: string): string {
  return suspicious.test(text) ? text.replace(unstorable, '\ufffd') : text
}

/** Whole pairs are among them, but mostly there is none of it: this is asked of every text. */
const suspicious = /[\0\ud800-\udfff]/

const unstorable = /\0|\p{Surrogate}/gu
