-- Build a board anew beside the one that is used, and put it in its place.
--
-- KEYS: the board; the mark, a hash: '' is the token of who rebuilds, the others are the members
--       that were written meanwhile; aux and extra; then the board that is being built, and its aux
--       and extra.
-- ARGV: 'begin', 'hold', 'swap' or 'quit'; the token; milliseconds after which a rebuilding that was not
--       heard of is over; 'c', 'd', 'f', or 'l' of a board that decays; how many members one call
--       catches up with; how many are kept, or 0; the millisecond at which the board ends, or 0.
-- Answers 1 if it is done, 0 if the mark is another one's, 2 if there is more to catch up with.
local board, marker, aux, extra = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local new, new_aux, new_extra = KEYS[5], KEYS[6], KEYS[7]
local does, token, lasts, ties = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local most, keep, ends = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]
local decays = ties == 'l'
if decays then ties = 'c' end

local owner = call('HGET', marker, '')
if does == 'begin' then
    if owner and owner ~= token then return 0 end
    call('DEL', marker, new, new_aux, new_extra)
    call('HSET', marker, '', token)
elseif owner ~= token then
    return 0
elseif does == 'quit' then
    call('DEL', marker, new, new_aux, new_extra)
    return 1
end
call('PEXPIRE', marker, lasts)
for i = 5, 7 do call('PEXPIRE', KEYS[i], lasts) end
if does ~= 'swap' then return 1 end

-- What was written meanwhile counts as it stands on the board that is used.
local fields, done = call('HKEYS', marker), 0
for _, member in ipairs(fields) do
    if member ~= '' then
        if done == most then return 2 end
        done = done + 1
        local before = called(ties, new_aux, member)
        local old = before and call('ZSCORE', new, before)
        if old then drop(ties, new, new_aux, new_extra, member, before, old) end
        local name = called(ties, aux, member)
        local score = name and call('ZSCORE', board, name)
        if score then
            if ties == 'f' then call('HSET', new_aux, member, name:sub(1, 7)) end
            put(ties, new, new_aux, new_extra, member, name, tonumber(score))
        end
        call('HDEL', marker, member)
    end
end
if keep > 0 then trim(ties, new, new_aux, new_extra, keep, false) end
local pairs_of = {{new, board}}
-- The landmark and the last number stay: they are ahead of what was built.
if not decays and ties ~= 'c' then pairs_of[2] = {new_aux, aux} end
if ties == 'd' then pairs_of[3] = {new_extra, extra} end
for _, pair in ipairs(pairs_of) do
    if call('EXISTS', pair[1]) == 1 then
        call('RENAME', pair[1], pair[2])
        call('PERSIST', pair[2])
    else
        call('DEL', pair[2])
    end
end
call('DEL', marker, new_aux, new_extra)
if ends ~= '0' then
    for _, each in ipairs({board, aux, extra}) do call('PEXPIREAT', each, ends) end
end
return 1
