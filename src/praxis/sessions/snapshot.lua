-- Read a session whole, to copy it.
--
-- KEYS: the session.
-- Answers the milliseconds until it ends, the number of this copy, larger than that of all before, and
-- its fields, each followed by its value; nothing if there is no such session.
local left = redis.call('PTTL', KEYS[1])
if left <= 0 then return {} end
-- The time in microseconds, or one more than the last: so that it also grows where a fail-over or an
-- empty Redis has forgotten the last.
local time = redis.call('TIME')
local number = time[1] * 1000000 + time[2]
local last = tonumber(redis.call('HGET', KEYS[1], '#copy')) or 0
if number <= last then number = last + 1 end
redis.call('HSET', KEYS[1], '#copy', string.format('%.0f', number))
return {left, number, redis.call('HGETALL', KEYS[1])}
