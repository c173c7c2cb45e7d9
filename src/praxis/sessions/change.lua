-- Write a field of a session if nobody else has written it meanwhile.
--
-- KEYS: the session.
-- ARGV: the field; "1" and what it was, or "0" and "" if it was not there; "1" and what it is to be, or "0"
--       and "" if it is to go.
-- Answers 1; 0 if it was something else; -1 if there is no such session.
if redis.call('EXISTS', KEYS[1]) == 0 then return -1 end
local had = redis.call('HGET', KEYS[1], ARGV[1])
if (had or '') ~= ARGV[3] or (had and '1' or '0') ~= ARGV[2] then return 0 end
if ARGV[4] == '1' then
    redis.call('HSET', KEYS[1], ARGV[1], ARGV[5])
else
    redis.call('HDEL', KEYS[1], ARGV[1])
end
return 1
