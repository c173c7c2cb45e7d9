-- The scores of members. KEYS: a part of a board. ARGV: members. Answers scores and false.
local answer = {}
for i = 1, #ARGV do answer[i] = redis.call('ZSCORE', KEYS[1], ARGV[i]) end
return answer
