import { levels } from '../reading/cube.ts'
import { script } from './scripts.ts'

/** A number is kept so long of the last batch of an instance: whoever asks whether it was done asks earlier. */
const rememberedMs = 3_600_000
/** So many members are given to one command: Lua takes no more than about 8,000 words at once. */
const maxMembers = 1_000

/**
 * Commits a batch as a whole: `ARGV` are the instance's lane, the number of the batch, who is told to have made it, and
 * `KeyChanges` as MessagePack. Answers `done`, also when it was done before; `stale` when a guard does not hold, and then
 * nothing is changed.
 *
 * Two commands are its own. `LINES` appends to the log of a task that is there. `COUNT` adds to the roll-ups of all levels:
 * its key is the place, its arguments are the minute, the tasks, and pairs of what is added to durations and waits: `d` or
 * `w` with the field, and the amount.
 */
export const commitScript = script(
  'commit',
  `local base = KEYS[1]
local call = redis.call
local last = call('GET', base .. 'batch:' .. ARGV[1])
if last and tonumber(last) >= tonumber(ARGV[2]) then return 'done' end
local guards, stamps, absent, deleted, tasks, paths, commands = unpack(cmsgpack.unpack(ARGV[4]))
for at = 1, #guards, 3 do
  local key, field, expected = base .. guards[at], guards[at + 1], guards[at + 2]
  local value
  if field == '-' then value = call('GET', key) else value = call('HGET', key, string.sub(field, 2)) end
  if value then value = '=' .. value else value = '-' end
  if value ~= expected then return 'stale' end
end
local task = base .. 'task:'
for at = 1, #stamps, 2 do
  if call('HGET', task .. stamps[at], 's') ~= stamps[at + 1] then return 'stale' end
end
local most = ${maxMembers}
for from = 1, #absent, most do
  local keys = {}
  for at = from, math.min(#absent, from + most - 1) do keys[#keys + 1] = task .. absent[at] end
  if call('EXISTS', unpack(keys)) > 0 then return 'stale' end
end

local levels = { ${levels.join(', ')} }
local function count(words)
  local place, minute, tasks = words[2], tonumber(words[3]), tonumber(words[4])
  for _, level in ipairs(levels) do
    local bucket = '0'
    if level > 0 then bucket = string.format('%.0f', minute - minute % level) end
    local tail = level .. ':' .. bucket
    local spread = base .. 'spread:' .. tail
    local spreads = { d = spread .. ':duration:' .. place, w = spread .. ':wait:' .. place }
    for i = 5, #words, 2 do
      local key, field = spreads[string.sub(words[i], 1, 1)], string.sub(words[i], 2)
      if field == 's' then
        call('HINCRBYFLOAT', key, field, words[i + 1])
      elseif call('HINCRBY', key, field, words[i + 1]) == 0 then
        call('HDEL', key, field)
      end
    end
    if tasks ~= 0 then
      local counts = base .. 'count:' .. tail
      local now = call('HINCRBY', counts, place, tasks)
      if now == tasks then call('ZADD', base .. 'buckets:' .. level, bucket, bucket) end
      if now <= 0 then
        call('HDEL', counts, place)
        call('DEL', spreads.d, spreads.w)
        if call('EXISTS', counts) == 0 then call('ZREM', base .. 'buckets:' .. level, bucket) end
      end
    end
  end
end

for _, key in ipairs(deleted) do call('DEL', base .. key) end
local at, last = 1, #tasks
while at < last do
  local to = at + 1 + tasks[at + 1]
  call('HSET', task .. tasks[at], unpack(tasks, at + 2, to))
  at = to + 1
end
for _, path in ipairs(paths) do
  local members, into, outOf = path[1], path[2], path[3]
  for from = 1, #members, most do
    local to = math.min(#members, from + most - 1)
    local scored = {}
    if #into > 0 then
      for i = from, to do
        scored[#scored + 1] = '0'
        scored[#scored + 1] = members[i]
      end
    end
    for _, key in ipairs(into) do call('ZADD', base .. key, unpack(scored)) end
    for _, key in ipairs(outOf) do call('ZREM', base .. key, unpack(members, from, to)) end
  end
end
for _, words in ipairs(commands) do
  local name, key = words[1], words[2]
  if name == 'COUNT' then
    count(words)
  elseif name == 'LINES' then
    if call('EXISTS', task .. key) == 1 then
      call('RPUSH', base .. 'logs:' .. key, unpack(words, 3))
      call('HSET', task .. key, 'l', '1')
    end
  else
    call(name, base .. key, unpack(words, 3))
  end
end
call('SET', base .. 'batch:' .. ARGV[1], ARGV[2], 'PX', ${rememberedMs})
call('PUBLISH', base .. 'changes', ARGV[3])
return 'done'`,
)
