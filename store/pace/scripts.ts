import {
  BURST_SECONDS,
  DOUBLES_WITHIN,
  FORGETS_AFTER,
  NEARLY,
  SLOWEST_RATE,
} from '../../domain/delivery/pace';
import { SECOND } from '../../domain/time/instant';

/**
 * What runs inside Redis: the sums of domain/delivery/pace.ts, which the tests compare it with, by the clock of the
 * server, which all workers share. KEYS[1] is the hash of one pace: rate, tokens, at, from (`recoversFrom`, absent
 * for a rate that is configured). Fractions are answered as text, because Redis cuts numbers.
 */

/** How long a configured rate is kept that nobody asks for: its bucket is full again long before. */
const IDLE_MS = 60 * SECOND;

const COMMON = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function read()
  local kept = redis.call('HMGET', KEYS[1], 'rate', 'tokens', 'at', 'from')
  if not kept[1] then return nil end
  return { rate = tonumber(kept[1]), tokens = tonumber(kept[2]), at = tonumber(kept[3]), from = tonumber(kept[4] or nil) }
end

local function text(number) return string.format('%.17g', number) end

local function write(pace)
  redis.call('HSET', KEYS[1], 'rate', text(pace.rate), 'tokens', text(pace.tokens), 'at', text(pace.at))
  if pace.from then
    redis.call('HSET', KEYS[1], 'from', text(pace.from))
    redis.call('PEXPIREAT', KEYS[1], text(pace.from + ${FORGETS_AFTER}))
  else
    redis.call('PEXPIRE', KEYS[1], ${IDLE_MS})
  end
end

local function capacity(rate) return math.max(1, rate * ${BURST_SECONDS}) end

local function bring(pace)
  if now <= pace.at then return end
  pace.tokens = math.min(capacity(pace.rate), pace.tokens + pace.rate * (now - pace.at) / ${SECOND})
  if pace.from then pace.rate = pace.rate * 2 ^ ((now - pace.at) / ${DOUBLES_WITHIN}) end
  pace.at = now
end

local function halved(rate) return math.max(${SLOWEST_RATE}, rate / 2) end
`;

/**
 * ARGV: how many tokens are wanted, the rate that is configured (empty: none). Answers now alone where nothing holds
 * the provider back; otherwise now, tokens granted, milliseconds until there is another, the rate, and since when it
 * grows (empty for a configured one).
 */
export const TAKE_TOKENS = `${COMMON}
local want, configured = tonumber(ARGV[1]), tonumber(ARGV[2])
local pace = read()
if configured and (not pace or pace.rate ~= configured) then
  pace = { rate = configured, tokens = capacity(configured), at = now }
end
if not pace then return { now } end
bring(pace)
local granted, wait = 0, pace.at - now
if wait <= 0 then
  granted = math.min(want, math.floor(pace.tokens + ${NEARLY}))
  pace.tokens = math.max(0, pace.tokens - granted)
  wait = 0
  if pace.tokens + ${NEARLY} < 1 then wait = math.ceil((1 - pace.tokens) / pace.rate * ${SECOND}) end
end
write(pace)
return { now, granted, wait, text(pace.rate), pace.from and text(pace.from) or '' }
`;

/** ARGV: messages a second that went out lately, how long ago the send began, how long to ask nothing; milliseconds. */
export const SLOW_DOWN = `${COMMON}
local observed, began, barred = tonumber(ARGV[1]), now - tonumber(ARGV[2]), now + tonumber(ARGV[3])
local pace = read()
if pace then
  bring(pace)
  if not pace.from or began >= pace.from then pace.rate = halved(pace.rate) end
  pace.at = math.max(pace.at, barred)
  pace.from = math.max(pace.from or 0, barred)
else
  pace = { rate = halved(observed), at = barred, from = barred }
end
pace.tokens = 1
write(pace)
return { now, text(pace.rate), text(pace.at), text(pace.from) }
`;
