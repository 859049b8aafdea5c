-- Answers, each a hash that expires; for each tag the set of its answers, and how often it has been flushed.
-- KEYS: `get` and `put`: the answer, then for each tag its counter, then for each tag its set; `flush`: for each tag its
-- counter, then for each tag its set.
-- ARGV: what to do, now, the number of tags; `put`: fresh for, kept for, status, headers, body, the counts seen.
local act, now, tags = ARGV[1], tonumber(ARGV[2]), tonumber(ARGV[3])
if now == 0 then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local KEEP_COUNTS = 24 * 3600 * 1000

if act == 'get' then
    local found = redis.call('HMGET', KEYS[1], 'f', 's', 'h', 'b')
    local counts = {}
    for at = 1, tags do
        counts[at] = tonumber(redis.call('GET', KEYS[1 + at]) or 0)
    end
    if not found[1] then
        return { 0, 0, '', '', counts }
    end
    return { now < tonumber(found[1]) and 2 or 1, tonumber(found[2]), found[3], found[4], counts }
elseif act == 'put' then
    for at = 1, tags do
        if tonumber(redis.call('GET', KEYS[1 + at]) or 0) ~= tonumber(ARGV[8 + at]) then
            return 0
        end
    end
    local fresh, kept = tonumber(ARGV[4]), tonumber(ARGV[5])
    redis.call('HSET', KEYS[1], 'f', now + fresh, 's', ARGV[6], 'h', ARGV[7], 'b', ARGV[8])
    redis.call('PEXPIRE', KEYS[1], kept)
    for at = 1, tags do
        local set = KEYS[1 + tags + at]
        redis.call('ZREMRANGEBYSCORE', set, '-inf', now)
        redis.call('ZADD', set, now + kept, KEYS[1])
        redis.call('PEXPIRE', set, math.max(redis.call('PTTL', set), kept))
    end
    return 1
end
for at = 1, tags do
    redis.call('INCR', KEYS[at])
    redis.call('PEXPIRE', KEYS[at], KEEP_COUNTS)
    local set = KEYS[tags + at]
    for _, answer in ipairs(redis.call('ZRANGE', set, 0, -1)) do
        redis.call('DEL', answer)
    end
    redis.call('DEL', set)
end
return 1
