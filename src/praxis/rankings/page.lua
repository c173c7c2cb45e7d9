-- A part of a board, in its order.
--
-- KEYS: as of standing.lua.
-- ARGV: 'c', 'd' or 'f'; the half-life in microseconds, or 0; then either '', the first place from
--       0 and how many, or a member and how many before and after it.
-- Answers the place of the first, its rank, the weight of the board, and then members and scores;
-- false if the member is not there.
local board, aux, ties, half = KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[2])
local first, last
if ARGV[3] == '' then
    first = tonumber(ARGV[4])
    last = first + tonumber(ARGV[5]) - 1
else
    local name = called(ties, aux, ARGV[3])
    local place = name and call('ZRANK', board, name)
    if not place then return false end
    first, last = place - ARGV[4], place + ARGV[4]
    if first < 0 then first = 0 end
end
local weight = half > 0 and text(weight_at(half, aux, now_us())) or '1'
local rows = call('ZRANGE', board, first, last, 'WITHSCORES')
local rank = first + 1
if first > 0 and ties ~= 'f' and rows[2] then
    local _
    _, rank = standing(ties, board, aux, rows[1], rows[2])
end
return {first, rank, weight, rows}
