-- Tell what there is of tables.
--
-- KEYS: the records of the tables.
-- ARGV: a fresh stamp.
-- Answers the seconds of the server's clock, and the fields and values of each record.
local answer = {redis.call('TIME')[1]}
for i = 1, #KEYS do answer[1 + i] = redis.call('HGETALL', KEYS[i]) end
return answer
