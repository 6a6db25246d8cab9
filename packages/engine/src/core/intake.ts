import type { Definition } from './definition.ts'
import { TaskError } from './errors.ts'
import { packArgs } from './serialize.ts'
import { checkArgs } from './standard-schema.ts'

type Checked = Pick<Definition, 'name' | 'args'>

/**
 * The text that is stored of arguments, once the function's schema, if it has one, has looked at them. It looks once: what
 * it made of them may be nothing that it takes, so what is stored is run and retried as it is.
 */
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
