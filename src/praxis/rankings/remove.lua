-- Take members off a board.
--
-- KEYS: as of write.lua.
-- ARGV: 'c', 'd' or 'f'; then members.
-- Answers how many were there.
local board, marker, aux, extra = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local ties = ARGV[1]
local marked = call('EXISTS', marker) == 1
local gone = 0
for i = 2, #ARGV do
    local name = called(ties, aux, ARGV[i])
    local score = name and call('ZSCORE', board, name)
    if score then
        drop(ties, board, aux, extra, ARGV[i], name, score)
        gone = gone + 1
    end
    if marked then call('HSET', marker, ARGV[i], 1) end
end
return gone
