-- Mark what is about to be written, before it can be seen by others.
--
-- KEYS: the records of the tables.
-- ARGV: a fresh stamp; the writer's token; for each record the shapes that the writer knows, then
--       the digests of the conditions that its rows meet, of eight bytes each, or "*" for any.
-- Answers 1; or the shapes in use, where the writer does not know them all, and nothing is marked.
local fresh, token = ARGV[1], ARGV[2]
local used = {}
local unknown = false

for i = 1, #KEYS do
    local shapes = redis.call('HGET', KEYS[i], 's') or ';'
    used[i] = shapes
    if shapes ~= ARGV[2 * i + 1] then unknown = true end
end
if unknown then return used end
local now = redis.call('TIME')[1]
for i = 1, #KEYS do
    if redis.call('EXISTS', KEYS[i]) == 0 then
        redis.call('HSET', KEYS[i], 'a', fresh, 'b', fresh, 's', ';')
    end
    redis.call('HSET', KEYS[i], 'w' .. token, now .. ARGV[2 * i + 2])
end
return 1
