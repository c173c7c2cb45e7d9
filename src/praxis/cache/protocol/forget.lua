-- Void a computed result, also one that is being computed.
--
-- KEYS: the entry.
-- ARGV: a fresh stamp; milliseconds: longer than any computation takes.
-- Answers 1.
redis.call('SET', KEYS[1] .. ':f', ARGV[1], 'PX', ARGV[2])
redis.call('DEL', KEYS[1], KEYS[1] .. ':l', KEYS[1] .. ':v')
return 1
