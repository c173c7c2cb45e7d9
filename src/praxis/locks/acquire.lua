-- Take a place, or wait for one in the order of arrival.
--
-- KEYS: who holds places: a sorted set of tokens by the millisecond until which they may; who waits:
--       a sorted set of tokens by their numbers; when each of those was last heard of: a hash; the
--       last number that was given.
-- ARGV: the token; how many places there are; milliseconds that the place is kept; "wait" to stand in
--       line, "try" not to; milliseconds after which one who waits and says
--       nothing counts as gone; the first words of the names of lists by which those who wait are woken.
-- Answers {number, 0}, the number of whoever holds the place, larger than that of all before; or
-- {0, milliseconds after which it is worth asking again if nobody wakes it before}.
local token, places, keep = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
local does, gone = ARGV[4], tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- Numbers are the time in microseconds, or one more than the last: so the last one may be forgotten,
-- and those of names that nobody uses any more take no memory.
local function next_number()
    local number = time[1] * 1000000 + time[2]
    local last = tonumber(redis.call('GET', KEYS[4]) or 0)
    if number <= last then number = last + 1 end
    redis.call('SET', KEYS[4], string.format('%.0f', number), 'PX', 86400000)
    return number
end

local function leave_line(who)
    redis.call('ZREM', KEYS[2], who)
    redis.call('HDEL', KEYS[3], who)
end

local function hold()
    local number = next_number()
    redis.call('ZADD', KEYS[1], string.format('%.0f', now + keep), token)
    redis.call('PEXPIRE', KEYS[1], keep + gone)
    return {number, 0}
end

redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
-- who has a place and asks for one did not hear the answer
if redis.call('ZSCORE', KEYS[1], token) then return hold() end

-- those at the head who say nothing any more let the next ones pass
while true do
    local first = redis.call('ZRANGE', KEYS[2], 0, 0)[1]
    if not first or first == token then break end
    local heard = tonumber(redis.call('HGET', KEYS[3], first) or 0)
    if now - heard < gone then break end
    leave_line(first)
end

local free = places - redis.call('ZCARD', KEYS[1])
local rank = redis.call('ZRANK', KEYS[2], token)
local before = rank or redis.call('ZCARD', KEYS[2])
if before < free then
    local held = hold()
    leave_line(token)
    redis.call('DEL', ARGV[6] .. token)
    wake_next(places, gone, ARGV[6])
    return held
end
if does == 'wait' then
    if not rank then redis.call('ZADD', KEYS[2], string.format('%.0f', next_number()), token) end
    redis.call('HSET', KEYS[3], token, string.format('%.0f', now))
    redis.call('PEXPIRE', KEYS[2], 2 * gone)
    redis.call('PEXPIRE', KEYS[3], 2 * gone)
end
local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')[2]
local again = gone / 3
if first and before == free then again = math.min(again, math.max(1, first - now)) end
return {0, math.ceil(again)}
