-- Void all that depends on tables, and forget which shapes were in use.
--
-- KEYS: the records of the tables.
-- ARGV: a fresh stamp.
-- Answers how many of them there were.
--
-- Marks stay, since their writers are still there. Shapes may go with the stamps: whoever asks for
-- one again waits until no write is in flight, and a writer that knew others stamps everything.
local fresh, count = ARGV[1], 0
for i = 1, #KEYS do
    if redis.call('EXISTS', KEYS[i]) == 1 then
        redis.call('HSET', KEYS[i], 'a', fresh, 'b', fresh, 's', ';')
        count = count + 1
    end
end
return count
