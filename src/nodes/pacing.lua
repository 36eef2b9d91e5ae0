-- telegram::pace::Pace for all nodes of one bot. A test holds the two to the same decisions.
-- KEYS: all, the chat, who was limited lately. Times are microseconds.
local op, given_now = ARGV[1], ARGV[2]
local owed_every, owed_burst, progress_every = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local rate_start, rate_min, rate_max = tonumber(ARGV[6]), tonumber(ARGV[7]), tonumber(ARGV[8])
local wait_max, burst = tonumber(ARGV[9]), tonumber(ARGV[10])
local chat_id, retry_after = ARGV[11], tonumber(ARGV[12])

local now = tonumber(given_now)
if not now then
    local time = redis.call('TIME')
    now = tonumber(time[1]) * 1000000 + tonumber(time[2])
end

local GO, OWN_TURN, REFUSED = 0, 1, 2
local SECOND, MINUTE, HOUR = 1000000, 60000000, 3600000000

-- Garbage under a key of ours is no reason to stop.
local function hash(key, names)
    if redis.call('TYPE', key).ok ~= 'hash' then redis.call('DEL', key) end
    local found, values = redis.call('HMGET', key, unpack(names)), {}
    for i, name in ipairs(names) do values[name] = tonumber(found[i] or '') end
    return values
end

local function keep(key, values, until_when)
    local fields = {}
    for name, value in pairs(values) do
        fields[#fields + 1] = name
        fields[#fields + 1] = string.format('%.17g', value)
    end
    redis.call('HSET', key, unpack(fields))
    redis.call('PEXPIRE', key, string.format('%.0f', math.ceil((until_when - now) / 1000) + 60000))
end

local all = hash(KEYS[1], {'at', 'rate', 'rate_since', 'halved_at', 'frozen_until'})
all.at, all.frozen_until = all.at or 0, all.frozen_until or 0
all.rate = math.max(rate_min, math.min(all.rate or rate_start, rate_max))
all.rate_since = all.rate_since or now
local chat = hash(KEYS[2], {'at', 'progress_from', 'frozen_until'})
chat.at, chat.progress_from, chat.frozen_until = chat.at or 0, chat.progress_from or 0, chat.frozen_until or 0

local function keep_all() keep(KEYS[1], all, math.max(now + 2 * HOUR, all.frozen_until)) end
local function keep_chat() keep(KEYS[2], chat, math.max(chat.at, chat.progress_from, chat.frozen_until)) end
local function answer(verdict, wait) return {verdict, string.format('%.0f', math.ceil(wait))} end
local function wait_for(at, every, ahead) return math.max(0, at - now - every * (ahead - 1)) end

if op == 'limited' then
    if not all.halved_at or now >= all.halved_at + SECOND then
        all.rate = math.max(all.rate / 2, rate_min)
        all.halved_at = now
    end
    all.rate_since = now
    local rest = now + retry_after
    if chat_id == '' then
        all.frozen_until = math.max(all.frozen_until, rest)
        keep_all()
        return answer(GO, 0)
    end
    chat.frozen_until = rest
    keep_chat()
    if redis.call('TYPE', KEYS[3]).ok ~= 'zset' then redis.call('DEL', KEYS[3]) end
    redis.call('ZREMRANGEBYSCORE', KEYS[3], '-inf', string.format('%.17g', now - SECOND))
    redis.call('ZADD', KEYS[3], string.format('%.17g', now), chat_id)
    redis.call('PEXPIRE', KEYS[3], 60000)
    if redis.call('ZCARD', KEYS[3]) >= tonumber(ARGV[13]) then
        redis.call('DEL', KEYS[3])
        all.frozen_until = math.max(all.frozen_until, rest)
    end
    keep_all()
    return answer(GO, 0)
end

local frozen = math.max(all.frozen_until, chat.frozen_until) - now
if op == 'frozen' then return answer(REFUSED, math.max(0, all.frozen_until - now)) end
if frozen > 0 then return answer(REFUSED, frozen) end

if op == 'all' then
    local every = SECOND / all.rate
    local wait = wait_for(all.at, every, burst)
    if wait > wait_max then return answer(REFUSED, wait) end
    all.at = math.max(all.at, now) + every
    keep_all()
    return answer(GO, wait)
end

local minutes = math.floor((now - all.rate_since) / MINUTE)
if minutes > 0 then
    all.rate = math.min(all.rate + minutes, rate_max)
    all.rate_since = now
end
local every = SECOND / all.rate
local in_all = wait_for(all.at, every, burst)
local own = wait_for(chat.at, owed_every, owed_burst)
local wait = math.max(in_all, own)
if op == 'progress' then
    wait = math.max(wait, chat.progress_from - now)
    if wait > 0 then
        keep_all()
        return answer(REFUSED, wait)
    end
    chat.progress_from = now + progress_every
else
    if wait > wait_max then
        keep_all()
        return answer(REFUSED, wait)
    end
    chat.at = math.max(chat.at, now) + owed_every
end
keep_chat()
if own > 0 then
    keep_all()
    return answer(OWN_TURN, own)
end
all.at = math.max(all.at, now) + every
keep_all()
return answer(GO, in_all)
