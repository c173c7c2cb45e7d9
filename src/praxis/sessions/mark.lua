-- Note in a session that it is to go on under another key from its next request on.
--
-- KEYS: the session.
-- Answers 1, or 0 if there is no such session.
if redis.call('EXISTS', KEYS[1]) == 0 then return 0 end
redis.call('HSET', KEYS[1], '#rotate', '1')
return 1
