import { ROLLING_DAY, ROLLING_WEEK } from '../../domain/caps/judge';
import { DAY, SECOND } from '../../domain/time/instant';

/**
 * What runs inside Redis. A person's places are one text: `<due>.<id>,<due>.<id>`, due instants in base 36, ids as
 * shards.ts writes them. Every script names its keys, all of one slot.
 *
 * The marker of a shard holds `building:` or `ready:` and the run id of the server that it was written in. A server
 * that was emptied has no marker, one that was started again, or took over as a replica, has another run id: what it
 * holds may be older than what was promised, and nothing is reserved in it before it is rebuilt.
 */

/** Places older than the newest of a person by more than this are dropped: no window of a message reaches so far. */
export const KEPT_FOR = 8 * DAY;

/** How long keys outlive the last change to them. */
export const LIFE_SECONDS = (KEPT_FOR + DAY) / SECOND;

const RUN_ID = `local run = string.match(redis.call('INFO', 'server'), 'run_id:(%x+)')`;

/**
 * KEYS: marker, buckets. ARGV: seconds to live, limit a day and a week (-1: none), window, id, number of spans; five
 * for each span: due, day from and to, week from and to; three for each person: bucket, field, span, by number.
 * Answers nil when the shard is not counted, otherwise a digit a person: 0 has a place, 1 beyond the day, 2 beyond
 * the week. As domain/caps/judge.ts, which the tests compare it with.
 */
export const TAKE = `
${RUN_ID}
if redis.call('GET', KEYS[1]) ~= 'ready:' .. run then return nil end
local life, id = ARGV[1], ARGV[5]
local perDay, perWeek, rolling = tonumber(ARGV[2]), tonumber(ARGV[3]), ARGV[4] == 'rolling'
local spans = {}
for n = 1, tonumber(ARGV[6]) do
  local at = 2 + 5 * n
  spans[n] = {
    text = ARGV[at], due = tonumber(ARGV[at], 36),
    dayFrom = tonumber(ARGV[at + 1]), dayTo = tonumber(ARGV[at + 2]),
    weekFrom = tonumber(ARGV[at + 3]), weekTo = tonumber(ARGV[at + 4]),
  }
end

local function within(stamps, from, to)
  local count = 0
  for _, at in ipairs(stamps) do
    if at >= from and at < to then count = count + 1 end
  end
  return count
end

local function fullAround(stamps, due, length, limit)
  if within(stamps, due - length + 1, due + 1) >= limit then return true end
  for _, at in ipairs(stamps) do
    if at > due and at < due + length and within(stamps, at - length + 1, at + 1) >= limit then return true end
  end
  return false
end

local function judge(stamps, span)
  if rolling then
    if perDay >= 0 and fullAround(stamps, span.due, ${ROLLING_DAY}, perDay) then return '1' end
    if perWeek >= 0 and fullAround(stamps, span.due, ${ROLLING_WEEK}, perWeek) then return '2' end
  else
    if perDay >= 0 and within(stamps, span.dayFrom, span.dayTo) >= perDay then return '1' end
    if perWeek >= 0 and within(stamps, span.weekFrom, span.weekTo) >= perWeek then return '2' end
  end
  return '0'
end

local answers, touched = {}, {}
for at = 7 + 5 * #spans, #ARGV, 3 do
  local bucket, field, span = tonumber(ARGV[at]) + 1, ARGV[at + 1], spans[tonumber(ARGV[at + 2])]
  local stamps, entries, mine, newest = {}, {}, false, span.due
  local text = redis.call('HGET', KEYS[bucket], field)
  if text then
    for due, of in string.gmatch(text, '(%w+)%.([^,]+)') do
      local stamp = tonumber(due, 36)
      stamps[#stamps + 1] = stamp
      entries[#entries + 1] = due .. '.' .. of
      if of == id then mine = true end
      if stamp > newest then newest = stamp end
    end
  end
  if mine then
    answers[#answers + 1] = '0'
  else
    local answer = judge(stamps, span)
    answers[#answers + 1] = answer
    if answer == '0' then
      local kept = {}
      for n, entry in ipairs(entries) do
        if stamps[n] > newest - ${KEPT_FOR} then kept[#kept + 1] = entry end
      end
      kept[#kept + 1] = span.text .. '.' .. id
      redis.call('HSET', KEYS[bucket], field, table.concat(kept, ','))
      touched[bucket] = true
    end
  end
end
for bucket in pairs(touched) do redis.call('EXPIRE', KEYS[bucket], life) end
redis.call('EXPIRE', KEYS[1], life)
return table.concat(answers)
`;

/** KEYS: buckets. ARGV: id; two for each person: bucket, field. Who has no place under the id is left alone. */
export const GIVE_BACK = `
local id = ARGV[1]
for at = 2, #ARGV, 2 do
  local key, field = KEYS[tonumber(ARGV[at])], ARGV[at + 1]
  local text = redis.call('HGET', key, field)
  if text then
    local kept = {}
    for due, of in string.gmatch(text, '(%w+)%.([^,]+)') do
      if of ~= id then kept[#kept + 1] = due .. '.' .. of end
    end
    if #kept == 0 then
      redis.call('HDEL', key, field)
    else
      redis.call('HSET', key, field, table.concat(kept, ','))
    end
  end
end
return 1
`;

/** KEYS: marker. ARGV: seconds to live. */
export const BEGIN = `
${RUN_ID}
redis.call('SET', KEYS[1], 'building:' .. run, 'EX', ARGV[1])
return 1
`;

/**
 * KEYS: marker, buckets. ARGV: seconds to live; three for each message: bucket, field, entry. Answers nil when what
 * was built so far is lost.
 */
export const RESTORE = `
${RUN_ID}
if redis.call('GET', KEYS[1]) ~= 'building:' .. run then return nil end
for at = 2, #ARGV, 3 do
  local key, field, entry = KEYS[tonumber(ARGV[at]) + 1], ARGV[at + 1], ARGV[at + 2]
  local text = redis.call('HGET', key, field)
  redis.call('HSET', key, field, text and text .. ',' .. entry or entry)
end
for bucket = 2, #KEYS do redis.call('EXPIRE', KEYS[bucket], ARGV[1]) end
return 1
`;

/** KEYS: marker. ARGV: seconds to live. Answers nil when what was built is lost. */
export const FINISH = `
${RUN_ID}
if redis.call('GET', KEYS[1]) ~= 'building:' .. run then return nil end
redis.call('SET', KEYS[1], 'ready:' .. run, 'EX', ARGV[1])
return 1
`;
