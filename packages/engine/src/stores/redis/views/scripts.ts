import { script } from '../scripts.ts'

/**
 * Members of a set in order of a number, with their numbers by turns: `ARGV` is the set, 1 for rising order or -1, the
 * bounds of the number, how many, and, to read on, the number and the id of the last one before. It need not be there
 * any more. What reads on may be beyond the bounds.
 */
export const placesFrom = script(
  'placesFrom',
  `local key, isRising, many = KEYS[1] .. ARGV[1], ARGV[2] == '1', tonumber(ARGV[5])
if not ARGV[6] then
  if isRising then
    return redis.call('ZRANGEBYSCORE', key, ARGV[3], ARGV[4], 'WITHSCORES', 'LIMIT', 0, many)
  end
  return redis.call('ZREVRANGEBYSCORE', key, ARGV[4], ARGV[3], 'WITHSCORES', 'LIMIT', 0, many)
end
local value, id = ARGV[6], ARGV[7]
-- Lua compares texts by the rules of a language; sets are in order of bytes.
local function isBefore(other)
  for i = 1, math.min(#other, #id) do
    local a, b = other:byte(i), id:byte(i)
    if a ~= b then return a < b end
  end
  return #other < #id
end
local first = redis.call('ZCOUNT', key, '-inf', '(' .. value)
local past = first + redis.call('ZCOUNT', key, value, value)
while first < past do
  local middle = math.floor((first + past) / 2)
  local other = redis.call('ZRANGE', key, middle, middle)[1]
  if isBefore(other) or (isRising and other == id) then first = middle + 1 else past = middle end
end
if isRising then return redis.call('ZRANGE', key, first, first + many - 1, 'WITHSCORES') end
if first == 0 then return {} end
local found = redis.call('ZRANGE', key, math.max(0, first - many), first - 1, 'WITHSCORES')
local answer = {}
for i = #found - 1, 1, -2 do
  answer[#answer + 1] = found[i]
  answer[#answer + 1] = found[i + 1]
end
return answer`,
)

/** Ids that hold a word: `ARGV` is the word and the ranks, newest first, of the first and the last id looked at. */
export const idsHolding = script(
  'idsHolding',
  `local answer = {}
for _, id in ipairs(redis.call('ZREVRANGE', KEYS[1] .. 'ids', ARGV[2], ARGV[3])) do
  if id:find(ARGV[1], 1, true) then answer[#answer + 1] = id end
end
return answer`,
)

/**
 * Numbers of tasks in a set in order of a number, at the places of their ids: `ARGV` is the set and the ids. False for those
 * that are not in it.
 */
export const numbersOf = script(
  'numbersOf',
  `local key, answer = KEYS[1] .. ARGV[1], {}
for i = 2, #ARGV do answer[i - 1] = redis.call('ZSCORE', key, ARGV[i]) end
return answer`,
)

/**
 * Hashes of numbers, added up field by field: `ARGV` is what their names have in common and what each has more. Answers
 * fields and sums by turns.
 */
export const sumHashes = script(
  'sumHashes',
  `local start, sums, answer = KEYS[1] .. ARGV[1], {}, {}
for i = 2, #ARGV do
  local hash = redis.call('HGETALL', start .. ARGV[i])
  for at = 1, #hash, 2 do
    local field = hash[at]
    sums[field] = (sums[field] or 0) + tonumber(hash[at + 1])
  end
end
for field, sum in pairs(sums) do
  answer[#answer + 1] = field
  answer[#answer + 1] = string.format('%.17g', sum)
end
return answer`,
)
