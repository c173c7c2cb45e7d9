-- Say that somebody has looked for words in the database, and that all they tell of is void.
--
-- KEYS: the key of the last look.
-- ARGV: a fresh stamp; the time in milliseconds before it began; how long it counts from then on.
-- Answers 1 if it counts still.
--
-- It counts from before the database was asked: what was committed after that, it has not seen.
local begun, counts = tonumber(ARGV[2]), tonumber(ARGV[3])
local time = redis.call('TIME')
local passed = time[1] * 1000 + math.floor(time[2] / 1000) - begun
if passed < 0 or passed >= counts then return 0 end -- a clock that was set back tells nothing
if redis.call('PTTL', KEYS[1]) < counts - passed then
    redis.call('SET', KEYS[1], '0', 'PX', counts - passed)
end
return 1
