import type { UpkeepStore } from '../store.ts'
import { recount } from './recount.ts'
import { findStrays } from './strays.ts'
import type { Writer } from './writer.ts'

/** Looks after tables that others write to at the same time. */
export function sqlUpkeep(writer: Writer): UpkeepStore {
  return {
    strays: (question) => findStrays(writer, question),
    recount: (question) => recount(writer, question),
  }
}
