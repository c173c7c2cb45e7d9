-- How members come onto a board and leave it; after rows.lua.

-- Take a member off that has a name and a score there.
local function drop(ties, board, aux, extra, member, name, score)
    call('ZREM', board, name)
    if ties == 'f' then
        call('HDEL', aux, member)
    elseif ties == 'd' then
        local known = text(tonumber(score))
        if call('HINCRBY', extra, known, -1) <= 0 then
            call('HDEL', extra, known)
            call('ZREM', aux, known)
        end
    end
end

-- Put a member on that is not there.
local function put(ties, board, aux, extra, member, name, score)
    local known = text(score)
    call('ZADD', board, known, name)
    if ties == 'd' and call('HINCRBY', extra, known, 1) == 1 then
        call('ZADD', aux, known, known)
    end
end

-- Take the last ones off until there are so many; tell a rebuilding of them.
local function trim(ties, board, aux, extra, keep, marker)
    local over = call('ZCARD', board) - keep
    if over <= 0 then return end
    local last = call('ZRANGE', board, -over, -1, 'WITHSCORES')
    for i = 1, #last, 2 do
        local name = last[i]
        local member = ties == 'f' and name:sub(8) or name
        drop(ties, board, aux, extra, member, name, last[i + 1])
        if marker then call('HSET', marker, member, 1) end
    end
end
