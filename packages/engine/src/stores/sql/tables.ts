import { addedColumns, tables, type Column, type ColumnType, type Index, type Table, type TableName } from './schema.ts'

/** How a database writes down a schema. */
export interface SchemaWords {
  readonly types: Readonly<Record<ColumnType, string>>
  /** Whether an index can leave rows out. */
  readonly hasPartialIndexes: boolean
  /** What follows the columns of a table. */
  readonly tableEnd: string
  /** The full name of a table, quoted. */
  readonly table: (name: string) => string
  /** The name of an index, quoted, as it is created. */
  readonly index: (name: string) => string
  /** Statements after which rows of a table can be added, and neither changed nor deleted; they can be done again. */
  readonly appendOnly?: (table: string) => readonly string[]
  /** Whether the indexes of names and of starts leave out tasks that run. */
  readonly leavesOutRunning: boolean
  /** Puts an index in the place of another; it can be done again. */
  readonly replaceIndex: (table: string, old: string, name: string, index: Index) => readonly SchemaStep[]
  /** Adds columns, each with what rows have in it where nothing is said; it can be done again. */
  readonly addColumns: (table: string, columns: readonly AddedColumn[]) => readonly SchemaStep[]
}

export interface AddedColumn {
  readonly name: string
  readonly type: ColumnType
  readonly preset: number
}

/** The column as a statement that adds it names it. */
export function addition({ types }: Pick<SchemaWords, 'types'>, { name, type, preset }: AddedColumn): string {
  return `${name} ${types[type]} NOT NULL DEFAULT ${preset}`
}

/** A statement that changes the schema. */
export type SchemaStep = string | SchemaChange

/** One that commits by itself and cannot be done twice: it is left out when `unless` has rows. */
export interface SchemaChange {
  readonly sql: string
  readonly unless: string
}

export function isTable(name: string): name is TableName {
  return Object.hasOwn(tables, name)
}

/** What a column holds; throws for one that is not in the schema. */
export function typeOf(table: string, column: string): ColumnType {
  const found = isTable(table) ? columnsIn(table)[column] : undefined
  if (!found) throw new Error(`There is no column ${column} in ${table}`)
  return found.type
}

export function keyOf(table: string): readonly string[] {
  if (!isTable(table)) throw new Error(`There is no table ${table}`)
  return tables[table].key
}

export function columnsOf(table: TableName): readonly string[] {
  return Object.keys(columnsIn(table))
}

function columnsIn(table: TableName): Readonly<Record<string, Column>> {
  return { ...tables[table].columns, ...addedColumns[table] }
}

/** The statements that make all tables and indexes of schema version 1, where they are not there yet. */
export function creation(words: SchemaWords): readonly string[] {
  return Object.entries<Table>(tables).flatMap(([name, table]) => [
    createTable(words, name, table),
    ...(words.hasPartialIndexes ? indexesOf(table).map((entry) => createIndex(words, name, entry)) : []),
  ])
}

function createTable(words: SchemaWords, name: string, table: Table): string {
  const columns = Object.entries(table.columns).map(
    ([column, { type, isOptional }]) => `${column} ${words.types[type]}${isOptional ? '' : ' NOT NULL'}`,
  )
  // A database without partial indexes may not know `CREATE INDEX IF NOT EXISTS` either: they come with the table.
  const inline = words.hasPartialIndexes
    ? []
    : indexesOf(table)
        .filter(([, { isPartialOnly }]) => !isPartialOnly)
        .map(
          ([index, { columns: of, isUnique }]) =>
            `${isUnique ? 'UNIQUE ' : ''}KEY ${words.index(index)} (${of.join(', ')})`,
        )
  const parts = [...columns, `PRIMARY KEY (${table.key.join(', ')})`, ...inline].join(', ')
  return `CREATE TABLE IF NOT EXISTS ${words.table(name)} (${parts})${words.tableEnd}`
}

/** The statement that makes an index of a table where it is not there yet, in databases that know such a one. */
export function createIndex(
  words: Pick<SchemaWords, 'index' | 'table'>,
  table: string,
  [name, index]: readonly [string, Index],
): string {
  const where = index.where === undefined ? '' : ` WHERE ${index.where}`
  const unique = index.isUnique ? 'UNIQUE ' : ''
  const columns = index.columns.join(', ')
  return `CREATE ${unique}INDEX IF NOT EXISTS ${words.index(name)} ON ${words.table(table)} (${columns})${where}`
}

function indexesOf(table: Table): [string, Index][] {
  return Object.entries(table.indexes ?? {})
}
