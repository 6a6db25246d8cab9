import { createHash } from 'node:crypto'

/**
 * A named Lua script. It is given `{prefix}:` as `KEYS[1]` and puts it before each key that it names, so that arguments are
 * short; all keys lie in the slot of that one.
 */
export interface Script {
  /** For people: it is in each error. */
  readonly name: string
  /** The text, in Lua. */
  readonly text: string
  /** SHA-1 of the text, by which Redis knows it. */
  readonly sha: string
}

/** A script with its digest. */
export function script(name: string, text: string): Script {
  return { name, text, sha: createHash('sha1').update(text).digest('hex') }
}

/**
 * Fields of several tasks with one call: `ARGV[1]` is how many fields, then the fields, then the ids. Answers one array for
 * all: the first task's fields in the order asked for, then the next one's; null for each that is not there.
 */
export const readTasks = script(
  'readTasks',
  `local many = tonumber(ARGV[1])
local fields = {}
for i = 1, many do fields[i] = ARGV[1 + i] end
local answer = {}
local at = 0
for i = 2 + many, #ARGV do
  local values = redis.call('HMGET', KEYS[1] .. 'task:' .. ARGV[i], unpack(fields))
  for f = 1, many do answer[at + f] = values[f] end
  at = at + many
end
return answer`,
)
