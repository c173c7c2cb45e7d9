-- Write the fields of a session that have changed.
--
-- KEYS: the session.
-- ARGV: "create" if there must be no such session yet, "save" if there must be one; milliseconds until it
--       ends; how many fields are written; these with their values; the fields that are taken out.
-- Answers 1, or 0 if there is a session that must not be there, or none that must.
--
-- What others wrote to other fields meanwhile stays. A session that was deleted stays deleted.
local is_there = redis.call('EXISTS', KEYS[1]) == 1
if is_there == (ARGV[1] == 'create') then return 0 end
if not is_there then redis.call('HSET', KEYS[1], '#made', redis.call('TIME')[1]) end
local count = tonumber(ARGV[3])
for i = 1, count do redis.call('HSET', KEYS[1], ARGV[2 + 2 * i], ARGV[3 + 2 * i]) end
for i = 4 + 2 * count, #ARGV do redis.call('HDEL', KEYS[1], ARGV[i]) end
redis.call('PEXPIRE', KEYS[1], ARGV[2])
return 1
