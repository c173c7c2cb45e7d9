-- How a member stands on a board; put before the scripts that need it.
--
-- A board is a sorted set, the best first: of boards on which more is better it has the scores
-- with the other sign. Beside it, by how ties are told:
-- 'c'  nothing; or, of a board that decays, the landmark: the microsecond whose scores it has.
-- 'd'  aux: a sorted set of the scores that there are, by themselves; extra: a hash of how many
--      members have each.
-- 'f'  aux: a hash of what each member's name begins with on the board: seven bytes, the larger
--      the later it got its score, so that Redis sorts equal scores by them; extra: the last.
local call = redis.call

-- The one text of a number: what a score is called in a hash.
local function text(number)
    return string.format('%.17g', number)
end

-- What a member is called on the board; nil if it is not there.
local function called(ties, aux, member)
    if ties ~= 'f' then return member end
    local prefix = call('HGET', aux, member)
    return prefix and prefix .. member
end

-- How many are ahead, and the rank, of a name with a score (as Redis tells it).
local function standing(ties, board, aux, name, score)
    if ties == 'f' then
        local ahead = call('ZRANK', board, name)
        return ahead, ahead + 1
    end
    local better = '(' .. score
    local ahead = call('ZCOUNT', board, '-inf', better)
    if ties == 'd' then return ahead, call('ZCOUNT', aux, '-inf', better) + 1 end
    return ahead, ahead + 1
end

local function now_us()
    local time = call('TIME')
    return time[1] * 1000000 + time[2]
end

-- What scores of a moment are multiplied with on a board that decays.
local function weight_at(half, aux, now)
    local landmark = tonumber(call('GET', aux) or now)
    return 2 ^ ((now - landmark) / half)
end
