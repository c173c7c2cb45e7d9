-- One computes what is missing; the others wait for it.
--
-- A lease is the token of the one who leads. It ends by itself, if its holder does. "x" in its place
-- says that nothing comes of waiting: what was computed could not be kept.
local function lease(entry, token, lease_ms)
    if lease_ms == 0 then return '' end
    local key = entry .. ':l'
    if redis.call('SET', key, token, 'PX', lease_ms, 'NX') then return token end
    if redis.call('GET', key) == 'x' then return '' end
    return '?'
end

local function release(entry, token, pause_ms)
    local key = entry .. ':l'
    if token == '' or redis.call('GET', key) ~= token then return 0 end
    if pause_ms > 0 then
        redis.call('SET', key, 'x', 'PX', pause_ms)
    else
        redis.call('DEL', key)
    end
    return 1
end

