-- Before the scripts that need to know in which life of the channel we are.
--
-- KEYS: the head of the channel: a hash of the run id of the server that the epoch was begun on, of
--       the epoch and of the number of the last event; its log: a stream with ids epoch-number.
-- ARGV[1]: the run id of this server, or '' to ask the server itself.
--
-- Another server than the one of the epoch was restarted or promoted, and may have lost the last
-- events: then, and where the head is gone, another epoch begins. Answers epoch and number.
local function whereabouts(run)
    if run == '' then run = string.match(redis.call('INFO', 'server'), 'run_id:(%w+)') end
    local head = redis.call('HMGET', KEYS[1], 'run', 'epoch', 'seq')
    if head[1] == run then return tonumber(head[2]), tonumber(head[3]) end
    local time = redis.call('TIME')
    local epoch = time[1] * 1000 + math.floor(time[2] / 1000)
    local last = tonumber(head[2] or 0)
    local entry = redis.call('XREVRANGE', KEYS[2], '+', '-', 'COUNT', 1)[1]
    if entry then last = math.max(last, tonumber(string.match(entry[1], '^%d+'))) end
    if epoch <= last then epoch = last + 1 end -- the clock went back
    redis.call('HSET', KEYS[1], 'run', run, 'epoch', string.format('%.0f', epoch), 'seq', 0)
    return epoch, 0
end

