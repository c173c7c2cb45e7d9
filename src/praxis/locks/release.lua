-- Give a place back and leave the line, or keep the place for longer.
--
-- KEYS: as of acquire.lua.
-- ARGV: the token; how many places there are; "leave", or "renew"; milliseconds that the place is kept
--       from now on; those after which one who waits and says nothing counts as gone; the first words of
--       the names of lists by which those who wait are woken.
-- Answers 1, or 0 to one who had lost its place.
local token, places, keep, gone = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[4]), tonumber(ARGV[5])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local score = redis.call('ZSCORE', KEYS[1], token)
local had = score and tonumber(score) > now

if ARGV[3] == 'renew' then
    if not had then return 0 end
    redis.call('ZADD', KEYS[1], string.format('%.0f', now + keep), token)
    redis.call('PEXPIRE', KEYS[1], keep + gone)
    return 1
end
redis.call('ZREM', KEYS[1], token)
redis.call('ZREM', KEYS[2], token)
redis.call('HDEL', KEYS[3], token)
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
wake_next(places, gone, ARGV[6])
return had and 1 or 0
