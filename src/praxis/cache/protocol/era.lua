-- Before each script: go on only in the era that the caller made its keys for.
--
-- KEYS: the era's own key, and then those of the script.
-- ARGV: the era, as the caller knows it; the run id of the server, as its connection knows it; and
--       then those of the script, of which the first is a fresh stamp.
-- Answers {"era", the one that is now, ""} to a caller of another one.
--
-- A server that takes over begins an era, and so does one that has lost its keys: its run id, a
-- fresh stamp, and the time in milliseconds. The run id alone would not do: a server that was
-- followed by another and follows it again has its old one, and knows what was written meanwhile
-- by other names.
local era = redis.call('GET', KEYS[1])
if era ~= ARGV[1] then
    if not era or string.sub(era, 1, #ARGV[2]) ~= ARGV[2] then
        local time = redis.call('TIME')
        local now_ms = time[1] * 1000 + math.floor(time[2] / 1000)
        era = ARGV[2] .. ARGV[3] .. string.format('%.0f', now_ms)
        redis.call('SET', KEYS[1], era)
    end
    return {'era', era, ''}
end
table.remove(KEYS, 1)
table.remove(ARGV, 1)
table.remove(ARGV, 1)

