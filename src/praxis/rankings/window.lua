-- Rows of a part of a board.
--
-- KEYS: the part.
-- ARGV: a score with a '(' before it, or ''; with a score how many rows before it and how many from
--       it on; without one the first place, from 0, and how many.
-- Answers the place of the first, and then members and scores.
local first, count = tonumber(ARGV[2]), tonumber(ARGV[3])
if ARGV[1] ~= '' then
    local place = redis.call('ZCOUNT', KEYS[1], '-inf', ARGV[1])
    count = count + first
    first = place - first
    if first < 0 then
        count = count + first
        first = 0
    end
end
return {first, redis.call('ZRANGE', KEYS[1], first, first + count - 1, 'WITHSCORES')}
