-- Tell where a channel is, for those who listen and hear nothing; after identity.lua.
--
-- ARGV: the run id; milliseconds that the number is kept from now on.
-- Answers the epoch and the number of the last event.
local epoch, seq = whereabouts(ARGV[1])
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return {string.format('%.0f', epoch), seq}
