-- Enter, if there is room.
--
-- KEYS: who is inside: a sorted set of tokens by the microsecond until which they may stay.
-- ARGV: how many may be inside; the token; microseconds that it may stay.
-- Answers how many are inside now with this one; or, below zero or 0, how many microseconds it is
-- until the next one must leave.
local time = redis.call('TIME')
local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
local inside = redis.call('ZCARD', KEYS[1])
local known = redis.call('ZSCORE', KEYS[1], ARGV[2])
if inside >= tonumber(ARGV[1]) and not known then
    local first = redis.call('ZRANGE', KEYS[1], 0, 0, 'WITHSCORES')
    return now - tonumber(first[2])
end
local until_us = now + tonumber(ARGV[3])
redis.call('ZADD', KEYS[1], string.format('%.0f', until_us), ARGV[2])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIREAT', KEYS[1], math.ceil(tonumber(last[2]) / 1000) + 1)
return known and inside or inside + 1
