import type { Definition } from './definition.ts'
import { TaskError } from './errors.ts'
import { packArgs, unpackArgs } from './serialize.ts'
import { checkArgs } from './standard-schema.ts'

type Checked = Pick<Definition, 'name' | 'args'>

/** The text that is stored of arguments, once the function's schema, if it has one, has looked at them. */
export async function packChecked({ name, args: schema }: Checked, args: readonly unknown[]): Promise<string> {
  return packArgs(schema === null ? args : await checkArgs(schema, name, args))
}

/** The same for whoever cannot wait: throws `unsupported` when the schema takes its time. */
export function packCheckedNow({ name, args: schema }: Checked, args: readonly unknown[]): string {
  if (schema === null) return packArgs(args)
  const checked = checkArgs(schema, name, args)
  if (!(checked instanceof Promise)) return packArgs(checked)
  checked.catch(() => undefined)
  const message = `The schema of ${name} answers later, and a transaction cannot wait: give it one that answers at once`
  throw new TaskError('unsupported', { message, funcName: name })
}

/**
 * Rejects with `bad_argument` when stored arguments do not fit the function as it is defined now. They are repeated as
 * they are: what a schema made of them once is not made of them again.
 */
export async function recheck({ name, args: schema }: Checked, packed: string): Promise<void> {
  if (schema !== null) await checkArgs(schema, name, unpackArgs(packed))
}
