-- Read an entry that tells itself what it depends on.
--
-- KEYS: the entry.
-- ARGV: a fresh stamp; "1" for strict; the prefix of records; the prefix of conditions; milliseconds
--       for which one may lead; milliseconds for which an entry may be shown after it was last
--       current, while another one is made.
-- Answers {where its payload begins, the entry, anys}, the place below zero if it is not current; or
-- a lease, as reading does, and behind a token the stamp that the entry was last voided by, if one
-- is remembered: there is nothing to show.
--
-- An entry: "C"; the number of tables; of each its kind ("a" for any write, "b" for writes of unknown
-- rows), the length of its name, and its name; the number of conditions, and their digests; a stamp
-- for each of all these; then as the entries of reading: what only the rows told, and the payload.
local fresh, strict, records, conditions = ARGV[1], ARGV[2] == '1', ARGV[3], ARGV[4]
local lease_ms, stale_ms = tonumber(ARGV[5]), tonumber(ARGV[6])
local entry = redis.call('GET', KEYS[1])

local function number(at) return string.byte(entry, at) * 256 + string.byte(entry, at + 1) end

local function layout()
    if string.sub(entry, 1, 1) ~= 'C' then return nil end
    local found, at = {tables = {}}, 3
    for i = 1, string.byte(entry, 2) do
        local size = string.byte(entry, at + 1)
        found.tables[i] = {string.sub(entry, at, at), string.sub(entry, at + 2, at + 1 + size)}
        at = at + 2 + size
    end
    found.digests, found.count = at + 2, number(at)
    found.stamps = found.digests + 8 * found.count
    local more = found.stamps + 8 * (#found.tables + found.count)
    found.more, found.payload = more + 2, more + 2 + 16 * number(more)
    return found
end

local flying, writing, anys, busy = '', false, {}, {}

local function stamp_of(table_, i)
    local kind, record = table_[1], redis.call('HGETALL', records .. table_[2])
    local stamp
    anys[i] = '........'
    for j = 1, #record, 2 do
        local field, value = record[j], record[j + 1]
        if field == 'a' then anys[i] = value end
        if field == kind then
            stamp = value
        elseif field ~= 'a' and field ~= 'b' and field ~= 's' then
            busy[i] = true
            if kind == 'a' or string.sub(value, 11, 11) == '*' then writing = true end
            flying = flying .. string.sub(value, 11)
        end
    end
    return stamp
end

local function still(digest, stamp)
    if string.sub(digest, 1, 7) == '\0\0\0\0\0\0\0' then
        local i = string.byte(digest, 8)
        writing = writing or busy[i]
        return anys[i] == stamp
    end
    if flying ~= '' and string.find(flying, digest, 1, true) then writing = true end
    return redis.call('GET', conditions .. digest) == stamp
end

local function stands(found)
    local at = found.stamps
    for i = 1, #found.tables do
        if stamp_of(found.tables[i], i) ~= string.sub(entry, at, at + 7) then return false end
        at = at + 8
    end
    for i = 0, found.count - 1 do
        local digest = found.digests + 8 * i
        if not still(string.sub(entry, digest, digest + 7), string.sub(entry, at, at + 7)) then
            return false
        end
        at = at + 8
    end
    for more = found.more, found.payload - 16, 16 do
        if not still(string.sub(entry, more, more + 7), string.sub(entry, more + 8, more + 15)) then
            return false
        end
    end
    return not (strict and writing)
end

local ok, found, current = pcall(function()
    local found = entry and layout()
    return found, found and stands(found)
end)
if not ok then found = nil end  -- these bytes are somebody else's
if found and current then
    if stale_ms > 0 and redis.call('PTTL', KEYS[1] .. ':v') < stale_ms * 0.9 then
        redis.call('SET', KEYS[1] .. ':v', '', 'PX', stale_ms)
    end
    return {found.payload, entry, table.concat(anys)}
end
local leads = lease(KEYS[1], fresh, lease_ms)
if found and leads == '?' and stale_ms > 0 and redis.call('EXISTS', KEYS[1] .. ':v') == 1 then
    return {-found.payload, entry, ''}
end
if leads == fresh then leads = leads .. (redis.call('GET', KEYS[1] .. ':f') or '') end
return leads
