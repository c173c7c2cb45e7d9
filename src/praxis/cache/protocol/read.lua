-- Read an entry, and the stamps of what it depends on, at one instant.
--
-- KEYS: the entry; the records of tables; the conditions.
-- ARGV: a fresh stamp; milliseconds a condition lives; "1" for strict; the number of records; the
--       prefix of conditions; milliseconds for which a miss may lead (0: there is no lease); "1" to
--       be told what a hit depends on; a kind and shape for each record.
-- Answers the entry's payload (a hit), or {stamps, anys, what the rows told and payload, 1}; or
-- {stamps, anys, lease} to fill the entry with (a miss): the lease is a token for the one who leads,
-- "?" for those who may wait for it, and "" where nobody waits; or a negative number (neither): -1 a
-- write is in flight, -2 one is in flight while a new shape is asked for, -3 the table has as many
-- shapes as it may.
local fresh, ttl_ms, strict, count, prefix = ARGV[1], ARGV[2], ARGV[3] == '1', tonumber(ARGV[4]), ARGV[5]
local lease_ms, told = tonumber(ARGV[6]), ARGV[7] == '1'
local entry = redis.call('GET', KEYS[1])
local stamps, anys, busy, flying, writing = {}, {}, {}, '', false

for i = 1, count do
    local key, kind, shape = KEYS[1 + i], string.sub(ARGV[7 + i], 1, 1), string.sub(ARGV[7 + i], 2)
    local record = redis.call('HGETALL', key)
    local any, bulk, shapes, in_flight, all = fresh, fresh, ';', false, false
    if #record == 0 then
        redis.call('HSET', key, 'a', any, 'b', bulk, 's', shapes)
    end
    for j = 1, #record, 2 do
        local field, value = record[j], record[j + 1]
        if field == 'a' then any = value
        elseif field == 'b' then bulk = value
        elseif field == 's' then shapes = value
        else
            in_flight = true
            if string.sub(value, 11, 11) == '*' then all = true end
            flying = flying .. string.sub(value, 11)
        end
    end
    anys[i], busy[i] = any, in_flight
    if kind == 'a' then
        stamps[i] = any
        writing = writing or in_flight
    else
        stamps[i] = bulk
        writing = writing or all
        if not string.find(shapes, ';' .. shape .. ';', 1, true) then
            if in_flight then return -2 end
            local _, known = string.gsub(shapes, ';', ';')
            if known > 16 then return -3 end
            redis.call('HSET', key, 's', shapes .. shape .. ';')
        end
    end
end
if #KEYS > count + 1 then
    local found = redis.call('MGET', unpack(KEYS, count + 2))
    for i, stamp in ipairs(found) do
        local key = KEYS[count + 1 + i]
        if not stamp then
            stamp = fresh
            redis.call('SET', key, stamp, 'PX', ttl_ms)
        end
        stamps[#stamps + 1] = stamp
        if flying ~= '' and string.find(flying, string.sub(key, #prefix + 1), 1, true) then
            writing = true
        end
    end
end

local current = table.concat(stamps)
local hit = entry and string.sub(entry, 1, #current) == current
local at = #current + 1
if hit then
    -- What else the rows depend on is only known from them: the entry names it.
    local more = (string.byte(entry, at) or 0) * 256 + (string.byte(entry, at + 1) or 0)
    at = at + 2
    local stood, keys = {}, {}
    -- No entry that was stored here names so many, or more than it has bytes for.
    hit = more <= 1000 and #entry >= at + 16 * more - 1
    for _ = 1, hit and more or 0 do
        local digest, stamp = string.sub(entry, at, at + 7), string.sub(entry, at + 8, at + 15)
        if string.sub(digest, 1, 7) == '\0\0\0\0\0\0\0' then
            local i = string.byte(digest, 8)
            hit = hit and anys[i] == stamp
            writing = writing or busy[i]
        else
            keys[#keys + 1], stood[#stood + 1] = prefix .. digest, stamp
            if flying ~= '' and string.find(flying, digest, 1, true) then writing = true end
        end
        at = at + 16
    end
    if #keys > 0 then
        for i, stamp in ipairs(redis.call('MGET', unpack(keys))) do
            hit = hit and stamp == stood[i]
        end
    end
end
if strict and writing then return -1 end
if hit then
    if told then return {current, table.concat(anys), string.sub(entry, #current + 1), 1} end
    return string.sub(entry, at)
end
return {current, table.concat(anys), lease(KEYS[1], fresh, lease_ms)}
