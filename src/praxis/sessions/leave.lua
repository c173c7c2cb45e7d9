-- Let a session end soon, since it goes on under another key.
--
-- KEYS: the session.
-- ARGV: milliseconds for which requests that are under way may still read it.
-- Answers 1, or 0 if another request was faster, or there is no such session.
if redis.call('EXISTS', KEYS[1]) == 0 or redis.call('HEXISTS', KEYS[1], '#left') == 1 then return 0 end
redis.call('HSET', KEYS[1], '#left', '1')
redis.call('HDEL', KEYS[1], '#device')
if redis.call('PTTL', KEYS[1]) > tonumber(ARGV[1]) then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return 1
