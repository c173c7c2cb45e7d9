-- How many there are, and how many are better than scores.
--
-- KEYS: a part of a board. ARGV: scores, each with a '(' before it. Answers the numbers.
local answer = {redis.call('ZCARD', KEYS[1])}
for i = 1, #ARGV do answer[i + 1] = redis.call('ZCOUNT', KEYS[1], '-inf', ARGV[i]) end
return answer
