-- Before the scripts that may set a place free: wake those at the head of the line, one for each.
--
-- KEYS: who holds places, and who waits: as of acquire.lua.
local function wake_next(places, gone, woken)
    local free = places - redis.call('ZCARD', KEYS[1])
    if free <= 0 then return end
    for _, who in ipairs(redis.call('ZRANGE', KEYS[2], 0, free - 1)) do
        if redis.call('EXISTS', woken .. who) == 0 then
            redis.call('RPUSH', woken .. who, '1')
            redis.call('PEXPIRE', woken .. who, gone)
        end
    end
end

