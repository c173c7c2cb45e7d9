-- Decide whether something may happen now, under all limits of each key or not at all.
--
-- KEYS: the states, one a key; in a cluster all in one slot.
-- ARGV: what it costs; "take", "look", or "return" for what was taken in vain; then for each key
--       the number of its limits, and for each limit its kind, count, period in microseconds, and
--       how many may come at once.
-- Answers a list: 1 or 0; then for each limit how much is left, the microseconds until all of it
-- is there again, and those until this cost fits: 0 if it fits now, -1 if it never does. Both of
-- the first are as they are after it was counted, if it was.
--
-- Everything is counted by the server's clock. If that is set back, states of the future count as
-- of now. A state is a text: of each limit a part, of a length that its kind tells.
--
-- It is called all the time: it makes no functions, and few tables.
local floor, ceil, rep, sub = math.floor, math.ceil, string.rep, string.sub
local pack, unpacked = struct.pack, struct.unpack
local cost, does = tonumber(ARGV[1]), ARGV[2]
if does == 'return' then cost = -cost end
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local SEGMENTS, WRAP = 10, 4294967296

-- What is asked most: one key with one window, which was counted in this segment before.
if does == 'take' and (ARGV[4] == 'w' or ARGV[4] == 'W') and ARGV[3] == '1' and #KEYS == 1 then
    local format, begin, whole = '<I4I2I2', 8, 28
    if ARGV[4] == 'W' then format, begin, whole = '<I4I4I4', 12, 52 end
    local state = redis.call('GET', KEYS[1])
    if state and #state == whole then
        local last, sum, newest = unpacked(format, state)
        local segment = ceil(ARGV[6] / SEGMENTS)
        local current = floor(now / segment)
        local left = ARGV[5] - sum - cost
        if last == current % WRAP and left >= 0 and cost <= tonumber(ARGV[7]) then
            state = pack(format, last, sum + cost, newest + cost) .. sub(state, begin + 1)
            redis.call('SET', KEYS[1], state, 'KEEPTTL')
            return {1, left, (current + SEGMENTS + 1) * segment - now, 0}
        end
    end
end

local answer, states, lasting, resets = {1}, {}, {}, {}
local at, place = 3, 2

for k = 1, #KEYS do
    local state = redis.call('GET', KEYS[k]) or ''
    local from, parts, keep = 1, '', 1
    for _ = 1, tonumber(ARGV[at]) do
        local kind, count, period = ARGV[at + 1], tonumber(ARGV[at + 2]), tonumber(ARGV[at + 3])
        local most = tonumber(ARGV[at + 4])
        local left, wait, part, lasts = count, 0, nil, 0
        local reset, after = 0, 0  -- as it is, and if this is counted

        if kind == 'w' or kind == 'W' then
            -- The segment of the last count; the sum; the counts of that segment and of the ten
            -- before it, oldest first: a tenth of the period each. The one that begins before the
            -- period did counts whole, so that no span of that length ever holds more than the
            -- count.
            local number, head, width = '<I2', '<I4I2', 2
            if kind == 'W' then number, head, width = '<I4', '<I4I4', 4 end
            local segment = ceil(period / SEGMENTS)
            local current = floor(now / segment)
            local newest = from + 4 + width
            local older = newest + width
            local ends = older + SEGMENTS * width
            local behind, used = SEGMENTS + 1, 0
            if #state >= ends - 1 then
                local last, sum = unpacked(head, state, from)
                behind = current % WRAP - last
                if behind < -WRAP / 2 then behind = behind + WRAP end
                if behind < 0 then behind = 0 end
                if behind <= SEGMENTS then
                    used = sum
                    for i = 0, behind - 1 do  -- these have left the period
                        used = used - unpacked(number, state, older + i * width)
                    end
                    if used < 0 then used = 0 end  -- nor is it, if somebody else wrote it
                end
            end
            left = count - used
            if used > 0 then
                for i = SEGMENTS, behind, -1 do
                    if unpacked(number, state, i == SEGMENTS and newest or older + i * width) > 0 then
                        reset = (current - behind + i + 1) * segment - now
                        break
                    end
                end
            end
            if cost > left then
                local needed = cost - left
                wait = (SEGMENTS + 1) * segment
                for i = behind, SEGMENTS do
                    needed = needed
                        - unpacked(number, state, i == SEGMENTS and newest or older + i * width)
                    if needed <= 0 then
                        wait = (current - behind + i + 1) * segment - now
                        break
                    end
                end
            elseif does == 'take' then
                local before, rest = 0, nil
                if used == 0 then
                    rest = rep('\0', SEGMENTS * width)
                elseif behind == 0 then
                    before, rest = unpacked(number, state, newest), sub(state, older, ends - 1)
                else
                    rest = sub(state, older + behind * width, ends - 1)
                        .. sub(state, newest, older - 1) .. rep('\0', (behind - 1) * width)
                end
                part = pack(head, current % WRAP, used + cost) .. pack(number, before + cost)
                    .. rest
                after = (current + SEGMENTS + 1) * segment - now
            elseif does == 'return' then
                local back, sum, rest = -cost, 0, ''
                local first = nil
                for i = SEGMENTS, 0, -1 do  -- it came last, as far as anybody knows
                    local was, held = i + behind, 0
                    if used > 0 and was <= SEGMENTS then
                        held = unpacked(number, state,
                            was == SEGMENTS and newest or older + was * width)
                    end
                    local less = back < held and back or held
                    held, back = held - less, back - less
                    if held > 0 and after == 0 then after = (current + i + 1) * segment - now end
                    sum = sum + held
                    if i == SEGMENTS then first = held else rest = pack(number, held) .. rest end
                end
                part = pack(head, current % WRAP, sum) .. pack(number, first) .. rest
            end
            lasts = (SEGMENTS + 1) * segment
            from = ends

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
            after = ceil(due - now)
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
            if used > 0 then after = began + period - now end
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
            after = ceil((most - tokens) * gap)
            part, lasts = pack('<dd', tokens, now), (most - tokens) * gap
            from = from + 16
        end

        if cost > most then wait = -1 end
        if wait ~= 0 then answer[1] = 0 end
        answer[place], answer[place + 1], answer[place + 2] = left, reset, wait
        resets[place + 1] = after
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
for i = 2, place - 1, 3 do answer[i], answer[i + 1] = answer[i] - cost, resets[i + 1] end
return answer
