-- Note a change of a limit or a list, or take one back.
--
-- KEYS: the hash of all changes.
-- ARGV: the field; what it says, or nothing to take it back; the milliseconds since 1970 until
--       which it holds, 0 for ever; how many there may be.
-- Answers 1, or 0 if there are too many already.
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local all = redis.call('HGETALL', KEYS[1])
local count, last = 0, 0
for i = 1, #all, 2 do
    local ends = tonumber(string.match(all[i + 1], '^(%d+)|'))
    if all[i] == 'version' then
        last = tonumber(all[i + 1]) or 0
    elseif not ends or (ends > 0 and ends <= now) then
        redis.call('HDEL', KEYS[1], all[i])
    elseif all[i] ~= ARGV[1] then
        count = count + 1
    end
end
if ARGV[2] == '' then
    redis.call('HDEL', KEYS[1], ARGV[1])
elseif count >= tonumber(ARGV[4]) then
    return 0
else
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[3] .. '|' .. ARGV[2])
end
-- it grows for ever, also if the clock is set back, and differs from those before a loss of all
redis.call('HSET', KEYS[1], 'version', string.format('%.0f', math.max(last + 1, now)))
return 1
