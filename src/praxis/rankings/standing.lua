-- How members stand.
--
-- KEYS: the board; aux, as rows.lua says, where ties need it or the board decays.
-- ARGV: 'c', 'd' or 'f'; the half-life in microseconds, or 0; then members.
-- Answers how many there are, the weight of the board, and for each member its score, how many are
-- ahead of it and its rank: three times false if it is not there.
local board, aux, ties, half = KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[2])
local weight = half > 0 and text(weight_at(half, aux, now_us())) or '1'
local answer = {call('ZCARD', board), weight}
local at = 3
for i = 3, #ARGV do
    local name = called(ties, aux, ARGV[i])
    local score = name and call('ZSCORE', board, name)
    if score then
        answer[at] = score
        answer[at + 1], answer[at + 2] = standing(ties, board, aux, name, score)
    else
        answer[at], answer[at + 1], answer[at + 2] = false, false, false
    end
    at = at + 3
end
return answer
