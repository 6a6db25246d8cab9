import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { MountOptions } from '../adapters/node.ts'
import { usageError } from './exit.ts'
import type { Input } from './input.ts'
import { loadModule } from './load-module.ts'
import type { World } from './world.ts'

/** The options of a dashboard that stands alone: those of `--config`, a user, and commands only with `--write`. */
export async function readConfig(input: Input, { env }: Pick<World, 'env'>): Promise<MountOptions> {
  const config = await loadConfig(input.text('config'))
  const user = input.text('user')
  const write = input.has('write') && config.write !== false
  if (user === undefined) return { ...config, write }
  if (asksWho(config)) throw usageError('--user: the options of --config already say who may sign in')
  const password = env['TASKLOOM_PASSWORD']
  if (!password) throw usageError('--user: put the password, or what hash-password made of it, into TASKLOOM_PASSWORD')
  const secretKey = env['TASKLOOM_SECRET_KEY']
  return { ...(secretKey ? { secretKey } : {}), ...config, write, auth: [{ username: user, password }] }
}

/** Whether somebody has to say who he is. */
export function asksWho({ auth, apiKey }: MountOptions): boolean {
  return auth !== undefined || apiKey !== undefined
}

async function loadConfig(file: string | undefined): Promise<MountOptions> {
  if (file === undefined) return {}
  const exported = await loadModule(pathToFileURL(resolve(file)), '--config')
  const config = exported['config'] ?? exported['default']
  if (typeof config === 'object' && config !== null) return config
  throw usageError(`--config: ${file} exports no options as config or default`)
}
