import type { Json } from '@taskloom/protocol'

/** A line of a value as a tree. */
export interface JsonRow {
  /** `$.order.items[3]`: unique, and how a program would get there. */
  readonly path: string
  /** 1 for the value itself. */
  readonly level: number
  /** The name in the object or the place in the list; null for the value itself. */
  readonly key: string | null
  readonly value: Json
  /** How many are in it; null where nothing can be opened. */
  readonly size: number | null
  readonly isOpen: boolean
  /** Set for a line that stands for members which are not shown yet: of what, and how many are there in all. */
  readonly more: { readonly path: string; readonly shown: number; readonly left: number } | null
}

/** What the reader has done with a tree. */
export interface TreeLook {
  /** Whether he opened or closed what is at a path; undefined where he did neither. */
  readonly opened: ReadonlyMap<string, boolean>
  /** How many members he has asked to see at a path. */
  readonly shown: ReadonlyMap<string, number>
}

/** So many members are shown at once. */
export const membersAtOnce = 100
const openLevels = 2
const openMembers = 20

/** The lines that are seen: nothing is computed of what is closed. Pure. */
export function jsonRows(root: Json, look: TreeLook): readonly JsonRow[] {
  const rows: JsonRow[] = []
  visit(root, null, '$', 1)
  return rows

  function visit(value: Json, key: string | null, path: string, level: number): void {
    const names = membersOf(value)
    const size = names === null || names.length === 0 ? null : names.length
    const isOpen = size !== null && (look.opened.get(path) ?? (level <= openLevels && size <= openMembers))
    rows.push({ path, level, key, value, size, isOpen, more: null })
    if (!isOpen || names === null) return
    const most = look.shown.get(path) ?? membersAtOnce
    for (const name of names.slice(0, most)) {
      const isPlace = Array.isArray(value)
      visit(memberOf(value, name), name, path + stepOf(name, isPlace), level + 1)
    }
    const left = names.length - most
    if (left > 0) {
      const more = { path, shown: most, left }
      rows.push({ path: `${path}…`, level: level + 1, key: null, value: null, size: null, isOpen: false, more })
    }
  }
}

/** Every path that can be opened, at most `most`, for "open all". Pure. */
export function openablePaths(root: Json, most = 500): readonly string[] {
  const paths: string[] = []
  const visit = (value: Json, path: string): void => {
    const names = membersOf(value)
    if (names === null || paths.length >= most) return
    paths.push(path)
    for (const name of names.slice(0, membersAtOnce)) {
      visit(memberOf(value, name), path + stepOf(name, Array.isArray(value)))
    }
  }
  visit(root, '$')
  return paths
}

/** A value as it is copied: a text as it is, everything else as indented JSON. */
export function jsonText(value: Json | undefined): string {
  return typeof value === 'string' ? value : (JSON.stringify(value, null, 2) ?? '')
}

/** How long a value is as JSON, bytes of UTF-8. */
export function jsonBytes(value: Json | undefined): number {
  return new TextEncoder().encode(JSON.stringify(value) ?? '').length
}

function membersOf(value: Json): readonly string[] | null {
  return typeof value === 'object' && value !== null ? Object.keys(value) : null
}

function memberOf(value: Json, name: string): Json {
  return (value as { readonly [name: string]: Json })[name] ?? null
}

function stepOf(name: string, isPlace: boolean): string {
  if (isPlace) return `[${name}]`
  return /^[A-Za-z_$][\w$]*$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`
}
