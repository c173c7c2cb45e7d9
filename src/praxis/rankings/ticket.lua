-- A number larger than all before it, also behind a fail-over, as far as the servers' clocks agree.
-- KEYS: the last one.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local last = tonumber(redis.call('GET', KEYS[1]) or 0)
if now <= last then now = last + 1 end
local ticket = string.format('%.17g', now)
redis.call('SET', KEYS[1], ticket)
return ticket
