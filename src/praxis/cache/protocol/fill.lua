-- Store an entry, if what it was made from still stands.
--
-- KEYS: as for reading.
-- ARGV: a fresh stamp; milliseconds the entry lives; "1" for strict; the number of records; the
--       prefix of conditions; the stamps and the anys that reading answered; the payload; the
--       digests that only the rows told, of eight bytes each; the lease, or ""; what the entry
--       begins with, if it has to tell itself what it depends on; milliseconds for which it may be
--       shown after it was last current; the stamp that it had been voided by, or ""; the kind of
--       each record ("j": the table was joined, its rows are among those digests); a digest for
--       each condition.
-- Answers 1, or 0 where something was written meanwhile, or is about to be.
local fresh, ttl_ms, strict, count, prefix = ARGV[1], ARGV[2], ARGV[3] == '1', tonumber(ARGV[4]), ARGV[5]
local stamps, anys, payload, digests = ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local names, stale_ms, voided = ARGV[11], tonumber(ARGV[12]), ARGV[13]
local flying = ''
release(KEYS[1], ARGV[10], 0)
if names ~= '' and (redis.call('GET', KEYS[1] .. ':f') or '') ~= voided then return 0 end

for i = 1, count do
    local kind = ARGV[13 + i]
    local field = kind == 'a' and 'a' or 'b'
    local record = redis.call('HGETALL', KEYS[1 + i])
    local stands, same = false, false
    for j = 1, #record, 2 do
        local name, value = record[j], record[j + 1]
        if name == field then
            stands = value == string.sub(stamps, 8 * i - 7, 8 * i)
        end
        if name == 'a' then
            same = value == string.sub(anys, 8 * i - 7, 8 * i)
        elseif name ~= 'b' and name ~= 's' then
            if kind == 'j' or (strict and (kind == 'a' or string.sub(value, 11, 11) == '*')) then
                return 0
            end
            if strict then flying = flying .. string.sub(value, 11) end
        end
    end
    if not stands or (kind == 'j' and not same) then return 0 end
end
for i = count + 2, #KEYS do
    local at = 8 * (i - 1)
    if redis.call('GET', KEYS[i]) ~= string.sub(stamps, at - 7, at) then return 0 end
    if string.find(flying, ARGV[12 + i], 1, true) then return 0 end
end
for i = count + 2, #KEYS do
    if redis.call('PTTL', KEYS[i]) < tonumber(ttl_ms) then redis.call('PEXPIRE', KEYS[i], ttl_ms) end
end

local more = {}
for at = 1, #digests, 8 do
    local digest = string.sub(digests, at, at + 7)
    local stamp
    if string.sub(digest, 1, 7) == '\0\0\0\0\0\0\0' then
        local i = string.byte(digest, 8)
        stamp = string.sub(anys, 8 * i - 7, 8 * i)
    else
        local key = prefix .. digest
        stamp = redis.call('GET', key)
        if not stamp then
            stamp = fresh
            redis.call('SET', key, stamp, 'PX', ttl_ms)
        elseif redis.call('PTTL', key) < tonumber(ttl_ms) then
            redis.call('PEXPIRE', key, ttl_ms)
        end
    end
    more[#more + 1] = digest .. stamp
end
local size = string.char(math.floor(#more / 256), #more % 256)
redis.call('SET', KEYS[1], names .. stamps .. size .. table.concat(more) .. payload, 'PX', ttl_ms)
if stale_ms > 0 then redis.call('SET', KEYS[1] .. ':v', '', 'PX', stale_ms) end
return 1
