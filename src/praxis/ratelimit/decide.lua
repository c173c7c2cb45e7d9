-- Decide whether something may happen now, under all limits of each key or not at all.
--
-- KEYS: the states, one a key; in a cluster all in one slot.
-- ARGV: what it costs; "take", "look", or "return" for what was taken in vain; then for each key
--       the number of its limits, and for each limit its kind, count, period in microseconds, and
--       how many may come at once.
-- Answers a list: 1 or 0; then for each limit how much is left, the microseconds until all of it
-- is there again, and those until this cost fits: 0 if it fits now, -1 if it never does.
--
-- Everything is counted by the server's clock. If that is set back, states of the future count as
-- of now. A state is a text: of each limit a part, of a length that its kind tells.
--
-- It is called all the time: it makes no functions, and few tables.
local floor, ceil, pack, unpacked = math.floor, math.ceil, struct.pack, struct.unpack
local cost, does = tonumber(ARGV[1]), ARGV[2]
if does == 'return' then cost = -cost end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local SEGMENTS, WRAP = 10, 4294967296
local answer, states, lasting = {1}, {}, {}
local at, place = 3, 2

for k = 1, #KEYS do
    local state = redis.call('GET', KEYS[k]) or ''
    local from, parts, keep = 1, '', 1
    for _ = 1, tonumber(ARGV[at]) do
        local kind, count, period = ARGV[at + 1], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
        local most = tonumber(ARGV[at + 4])
        local left, reset, wait, part, lasts = count, 0, 0, nil, 0

        if kind == 'w' or kind == 'W' then
            -- Counts in segments of a tenth of the period. The one that begins before the period
            -- did counts whole, so that no span of that length ever holds more than the count.
            local format, bytes = '<I4I2I2I2I2I2I2I2I2I2I2I2', 26
            if kind == 'W' then format, bytes = '<I4I4I4I4I4I4I4I4I4I4I4I4', 48 end
            local segment = ceil(period / SEGMENTS)
            local current = floor(now / segment)
            -- seen: the segment of the last count; the counts of it and those before, oldest first
            local seen, behind, used = nil, SEGMENTS + 1, 0
            if #state >= from + bytes - 1 then
                seen = {unpacked(format, state, from)}
                behind = current % WRAP - seen[1]
                if behind < -WRAP / 2 then behind = behind + WRAP end
                if behind < 0 then behind = 0 end
                for i = 2 + behind, 12 do used = used + seen[i] end
            end
            left = count - used
            if used > 0 then
                for i = 12, 2 + behind, -1 do
                    if seen[i] > 0 then
                        reset = (current - behind + i - 1) * segment - now
                        break
                    end
                end
                if cost > left then
                    local freed = 0
                    for i = 2 + behind, 12 do
                        freed = freed + seen[i]
                        if freed >= cost - left then
                            wait = (current - behind + i - 1) * segment - now
                            break
                        end
                    end
                end
            end
            if does ~= 'look' then
                if used == 0 then
                    part = pack(format, current % WRAP, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                        cost > 0 and cost <= most and cost or 0)
                elseif wait == 0 then
                    local new = {}
                    for i = 1, 11 do new[i] = i + behind <= 11 and seen[i + 1 + behind] or 0 end
                    local rest = cost
                    for i = 11, 1, -1 do  -- what is returned came last, as far as anybody knows
                        local change = rest
                        if change < -new[i] then change = -new[i] end
                        new[i], rest = new[i] + change, rest - change
                        if rest == 0 then break end
                    end
                    if cost <= most then part = pack(format, current % WRAP, unpack(new)) end
                end
            end
            lasts = (SEGMENTS + 1) * segment
            from = from + bytes

        elseif kind == 'g' then
            -- The generic cell rate algorithm: when the next one would be due, were they even.
            local gap = period / count
            local due = #state >= from + 7 and unpacked('<d', state, from) or now
            if not (due >= now) then due = now end  -- nor is it, if somebody else wrote it
            if due > now + most * gap then due = now + most * gap end
            left = floor((now + most * gap - due) / gap + 1e-6)
            reset = ceil(due - now)
            wait = ceil(due + cost * gap - most * gap - now - 1e-3)
            if wait < 0 then wait = 0 end
            due = due + cost * gap
            if due < now then due = now end
            part, lasts = pack('<d', due), due - now
            from = from + 8

        elseif kind == 'f' then
            -- A count that begins with the first one, and ends a period after it.
            local began, used = now, 0
            if #state >= from + 11 then began, used = unpacked('<dI4', state, from) end
            if not (began <= now and now < began + period) then began, used = now, 0 end
            left = count - used
            if used > 0 then reset = began + period - now end
            if cost > left then wait = reset end
            used = used + cost
            if used < 0 then used = 0 end
            part, lasts = pack('<dI4', began, used), began + period - now
            from = from + 12

        else
            -- Tokens that come back at the rate.
            local gap = period / count
            local tokens = most
            if #state >= from + 15 then
                local had, since = unpacked('<dd', state, from)
                if since > now then since = now end
                tokens = had + (now - since) / gap
                if not (tokens <= most) then tokens = most end
            end
            left = floor(tokens + 1e-6)
            reset = ceil((most - tokens) * gap)
            if cost - tokens > 1e-6 then wait = ceil((cost - tokens) * gap) end
            tokens = tokens - cost
            if tokens > most then tokens = most end
            part, lasts = pack('<dd', tokens, now), (most - tokens) * gap
            from = from + 16
        end

        if cost > most then wait = -1 end
        if wait ~= 0 then answer[1] = 0 end
        answer[place], answer[place + 1], answer[place + 2] = left, reset, wait
        if part then parts = parts .. part end
        if lasts > keep then keep = lasts end
        at, place = at + 4, place + 3
    end
    at = at + 1
    states[k], lasting[k] = parts, keep
end

if does == 'return' then answer[1] = 1 end
if does == 'look' or answer[1] == 0 then return answer end
for k = 1, #KEYS do
    redis.call('SET', KEYS[k], states[k], 'PX', ceil(lasting[k] / 1000))
end
for i = 2, place - 1, 3 do answer[i] = answer[i] - cost end
return answer
