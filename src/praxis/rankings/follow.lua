-- Write scores that were read from a database, unless newer ones were written already.
--
-- Who reads takes a ticket first: of two that read the same row the one with the later ticket has
-- read what is at least as new.
--
-- KEYS: board, mark, aux and extra, as of write.lua; the tickets with which members were written
--       last, a sorted set; the text of the last ticket that is forgotten there.
-- ARGV: 'c', 'd' or 'f'; the ticket; how many are kept, or 0; how many tickets are remembered; then
--       members and scores, '' for what is not there any more.
-- Answers the places from 0 of the members that have to be read again, with a new ticket, since it
-- is not known whether this one is too old.
local board, marker, aux, extra, tickets, forgotten = unpack(KEYS)
local ties, ticket, keep, most = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4])
local FIRST = 5
local marked = call('EXISTS', marker) == 1
local floor = tonumber(call('GET', forgotten) or 0)
local again = {}
for i = FIRST, #ARGV, 2 do
    local member, score = ARGV[i], tonumber(ARGV[i + 1])
    local last = tonumber(call('ZSCORE', tickets, member) or -1)
    if last < 0 and ticket <= floor then
        again[#again + 1] = (i - FIRST) / 2
    elseif last < ticket then
        local name = called(ties, aux, member)
        local old = name and call('ZSCORE', board, name)
        if not score then
            if old then drop(ties, board, aux, extra, member, name, old) end
        elseif not old or tonumber(old) ~= score then
            set(ties, board, aux, extra, member, name, old, score, false)
        end
        if marked then call('HSET', marker, member, 1) end
        call('ZADD', tickets, text(ticket), member)
    end
end
local over = call('ZCARD', tickets) - most
if over > 0 then
    local last = call('ZRANGE', tickets, over - 1, over - 1, 'WITHSCORES')
    call('ZREMRANGEBYRANK', tickets, 0, over - 1)
    if tonumber(last[2]) > floor then call('SET', forgotten, text(tonumber(last[2]))) end
end
if keep > 0 then trim(ties, board, aux, extra, keep, marked and marker) end
return again
