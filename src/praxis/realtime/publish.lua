-- Number an event, keep it, and tell those who listen; after identity.lua.
--
-- ARGV: the run id; the event; how many are kept at least; milliseconds that they are kept;
--       milliseconds that the number is kept; what listeners subscribe.
-- Answers the epoch and the number.
local epoch, seq = whereabouts(ARGV[1])
seq = seq + 1
local id = string.format('%.0f-%.0f', epoch, seq)
redis.call('XADD', KEYS[2], 'MAXLEN', '~', ARGV[3], id, 'd', ARGV[2])
redis.call('HSET', KEYS[1], 'seq', string.format('%.0f', seq))
redis.call('PEXPIRE', KEYS[1], ARGV[5])
redis.call('PEXPIRE', KEYS[2], ARGV[4])
redis.call('PUBLISH', ARGV[6], id .. ' ' .. ARGV[2])
return {string.format('%.0f', epoch), seq}
