-- Read a session.
--
-- KEYS: the session.
-- ARGV: seconds after which it is noted again that a device was seen.
-- Answers its fields, each followed by its value; none if there is no such session.
local fields = redis.call('HGETALL', KEYS[1])
for i = 1, #fields, 2 do
    if fields[i] == '#seen' then
        local now = redis.call('TIME')[1]
        if now - fields[i + 1] >= tonumber(ARGV[1]) then
            redis.call('HSET', KEYS[1], '#seen', now)
        end
    end
end
return fields
