-- Let go of a mark, once what became of the write is known.
--
-- KEYS: the records of the tables; the conditions that the rows met or meet.
-- ARGV: a fresh stamp; the writer's token; "1" if it was committed, or may have been; the number
--       of records; for each record the shapes that the writer knew, and "*" if all of its
--       conditions are concerned, else "".
-- Answers 1.
local fresh, token, written, count = ARGV[1], ARGV[2], ARGV[3] == '1', tonumber(ARGV[4])

for i = 1, count do
    local known, which = ARGV[3 + 2 * i], ARGV[4 + 2 * i]
    redis.call('HDEL', KEYS[i], 'w' .. token)
    local shapes = redis.call('HGET', KEYS[i], 's')
    -- A record that is gone needs no stamp: whatever named the old one is void already.
    if written and shapes then
        redis.call('HSET', KEYS[i], 'a', fresh)
        -- No shape is added under a mark; if one was, the mark was lost with what held it.
        if which == '*' or shapes ~= known then redis.call('HSET', KEYS[i], 'b', fresh) end
    end
end
if written then
    -- Who asks for one that is gone gets a stamp that no entry has.
    for i = count + 1, #KEYS do redis.call('DEL', KEYS[i]) end
end
return 1
