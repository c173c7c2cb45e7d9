-- Set, better or add to scores; all of them or none.
--
-- KEYS: the board; the mark of a rebuilding, a hash of the members that are written meanwhile;
--       aux and extra, as rows.lua says, where ties need them; of a board that decays the landmark,
--       and the board that is being built.
-- ARGV: 'set', 'best' or 'add'; 'c', 'd' or 'f'; the millisecond at which the board ends, or 0; the
--       half-life in microseconds, or 0; how many members are kept, or 0; 1 if this is a
--       rebuilding; then members and scores.
-- Answers how many have changed; of one member then its score, how many are ahead of it, its rank
-- and how many there are, unless it is not there in the end; of a board that decays then its weight.
-- -1 and the place of the member if a sum would be too large to be exact: then nothing is written.
local board, marker, aux, extra = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local does, ties, ends, half = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4])
local keep, rebuilding = tonumber(ARGV[5]), ARGV[6] == '1'
local FIRST, MOST, FAR, LEAST = 7, 9007199254740991, 900, 1e-30
local weight = 1

if half > 0 then
    local now = now_us()
    local landmark = tonumber(call('GET', aux) or 0)
    if landmark == 0 then
        landmark = now
        call('SET', aux, text(now))
    end
    if (now - landmark) / half > FAR then
        -- Powers of two leave the digits of a score as they are.
        local shift = math.floor((now - landmark) / half)
        local left = call('PTTL', board)
        for _, each in ipairs({board, extra}) do
            if call('EXISTS', each) == 1 then
                call('ZUNIONSTORE', each, 1, each, 'WEIGHTS', text(2 ^ -shift))
                call('ZREMRANGEBYSCORE', each, text(-LEAST), text(LEAST))
                if left > 0 then call('PEXPIRE', each, left) end
            end
        end
        landmark = landmark + shift * half
        call('SET', aux, text(landmark))
        if left > 0 then call('PEXPIRE', aux, left) end
    end
    weight = 2 ^ ((now - landmark) / half)
end

local names, had, values = {}, {}, {}
for i = FIRST, #ARGV, 2 do
    local name = called(ties, aux, ARGV[i])
    local old = name and call('ZSCORE', board, name)
    local value = tonumber(ARGV[i + 1]) * weight
    if does == 'add' then
        if old then value = value + tonumber(old) end
        if half == 0 and (value > MOST or value < -MOST) then return {-1, (i - FIRST) / 2} end
    elseif does == 'best' and old and tonumber(old) <= value then
        value = tonumber(old)
    end
    names[i], had[i], values[i] = name, old, value
end

local marked = not rebuilding and call('EXISTS', marker) == 1
local changed = 0
for i = FIRST, #ARGV, 2 do
    local old, value, member = had[i], values[i], ARGV[i]
    if marked then call('HSET', marker, member, 1) end
    if not old or tonumber(old) ~= value then
        changed = changed + 1
        names[i] = set(ties, board, aux, extra, member, names[i], old, value, rebuilding)
    end
end
if keep > 0 then trim(ties, board, aux, extra, keep, marked and marker) end
if ends ~= '0' and changed > 0 and call('PTTL', board) < 0 then
    for i = 1, #KEYS do
        if i ~= 2 then call('PEXPIREAT', KEYS[i], ends) end
    end
end
if #ARGV ~= FIRST + 1 then return {changed} end
local score = call('ZSCORE', board, names[FIRST])
if not score then return {changed} end
local ahead, rank = standing(ties, board, aux, names[FIRST], score)
return {changed, score, ahead, rank, call('ZCARD', board), text(weight)}
