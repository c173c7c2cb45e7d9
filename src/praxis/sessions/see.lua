-- Note that a device was seen, if that was not noted lately.
--
-- KEYS: the session.
-- ARGV: seconds after which it is noted again.
local seen = redis.call('HGET', KEYS[1], '#seen')
if not seen then return 0 end
local now = redis.call('TIME')[1]
if now - (tonumber(seen) or 0) < tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], '#seen', now)
return 1
