-- The scores of some members, and what tells equal ones apart.
--
-- KEYS: as of standing.lua.
-- ARGV: 'c', 'd' or 'f'; the half-life in microseconds, or 0; then members.
-- Answers the weight of the board, and for each member its score and what its name begins with:
-- twice false if it is not there.
local board, aux, ties, half = KEYS[1], KEYS[2], ARGV[1], tonumber(ARGV[2])
local weight = half > 0 and text(weight_at(half, aux, now_us())) or '1'
local answer = {weight}
local at = 2
for i = 3, #ARGV do
    local prefix = ''
    if ties == 'f' then prefix = call('HGET', aux, ARGV[i]) end
    local score = prefix and call('ZSCORE', board, prefix .. ARGV[i])
    answer[at], answer[at + 1] = score, score and prefix
    at = at + 2
end
return answer
