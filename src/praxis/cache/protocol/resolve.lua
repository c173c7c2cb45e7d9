-- Let go of marks whose writers are gone: their transactions are over, one way or the other.
--
-- KEYS: the record of a table.
-- ARGV: a fresh stamp; the tokens.
-- Answers how many of them stood.
local gone = 0
for i = 2, #ARGV do gone = gone + redis.call('HDEL', KEYS[1], 'w' .. ARGV[i]) end
if gone > 0 then redis.call('HSET', KEYS[1], 'a', ARGV[1], 'b', ARGV[1]) end
return gone
