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

-- Give a member a score, whatever it had: its name and its score are nil if it is not there. Of ties
-- by 'f' it comes after all that have the score already. Answers its name.
local function set(ties, board, aux, extra, member, name, old, score, rebuilding)
    if ties == 'c' then
        call('ZADD', board, text(score), member)
        return member
    end
    if ties == 'f' then
        local last, moment = tonumber(call('GET', extra) or 0), 0
        if not rebuilding then moment = now_us() end
        if moment <= last then moment = last + 1 end
        call('SET', extra, text(moment), 'KEEPTTL')
        if old then call('ZREM', board, name) end
        local prefix = struct.pack('>I7', moment)
        call('HSET', aux, member, prefix)
        name = prefix .. member
    else
        if old then drop(ties, board, aux, extra, member, name, old) end
        name = member
    end
    put(ties, board, aux, extra, member, name, score)
    return name
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
