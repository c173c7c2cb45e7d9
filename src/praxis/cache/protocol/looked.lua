-- Before each read, where the database may hold words of writes that nobody told of here: go on
-- only while the last look for them counts.
--
-- KEYS: the key of that look, and then those of the script.
-- ARGV: a fresh stamp; so many milliseconds before its end one reader is sent to look again; and
--       then those of the script.
-- Answers {the time in milliseconds} to who has to look first.
local left = redis.call('PTTL', KEYS[1])
if left <= tonumber(ARGV[2]) then
    if left <= 0 or redis.call('GET', KEYS[1]) == '0' then
        -- the others go on meanwhile; if the one is killed, all have to look at its end
        if left > 0 then redis.call('SET', KEYS[1], '1', 'KEEPTTL') end
        local time = redis.call('TIME')
        return {time[1] * 1000 + math.floor(time[2] / 1000)}
    end
end
table.remove(KEYS, 1)
table.remove(ARGV, 2)

