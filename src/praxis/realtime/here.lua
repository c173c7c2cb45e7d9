-- Note who is in a channel, and tell those who listen when a user comes or goes.
--
-- KEYS: who is there by process: a sorted set of process:user by the millisecond until which it
--       counts; in how many processes a user is: a hash.
-- ARGV: what listeners subscribe; milliseconds that a word counts; the process; "here", "gone" or
--       "list"; the users that it is said of.
-- Answers who is there.
local does, process, ttl = ARGV[4], ARGV[3], tonumber(ARGV[2])
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local joined, left = {}, {}

local function goes(user)
    if redis.call('HINCRBY', KEYS[2], user, -1) <= 0 then
        redis.call('HDEL', KEYS[2], user)
        table.insert(left, user)
    end
end

for index = 5, #ARGV do
    local user = ARGV[index]
    local who = process .. ':' .. user
    if does == 'here' then
        if redis.call('ZADD', KEYS[1], string.format('%.0f', now + ttl), who) == 1
            and redis.call('HINCRBY', KEYS[2], user, 1) == 1 then
            table.insert(joined, user)
        end
    elseif redis.call('ZREM', KEYS[1], who) == 1 then
        goes(user)
    end
end

-- of processes that were killed nobody hears any more
for _, who in ipairs(redis.call('ZRANGEBYSCORE', KEYS[1], '-inf', now, 'LIMIT', 0, 1000)) do
    redis.call('ZREM', KEYS[1], who)
    goes(string.match(who, '^[^:]*:(.*)$'))
end

if does == 'here' then
    redis.call('PEXPIRE', KEYS[1], 2 * ttl)
    redis.call('PEXPIRE', KEYS[2], 2 * ttl)
end
if #joined + #left > 0 then
    local word = {}
    if #joined > 0 then word.joined = joined end
    if #left > 0 then word.left = left end
    redis.call('PUBLISH', ARGV[1], 'P' .. cjson.encode(word))
end
return redis.call('HKEYS', KEYS[2])
