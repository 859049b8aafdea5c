-- Leases, by the rules of `lease.rs`. Every call is one atomic step.
-- KEYS: the name. ARGV: command, now, ttl, token, whether there is a note, note.
local key, command = KEYS[1], ARGV[1]
local now = tonumber(ARGV[2])
if now == 0 then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local RETENTION = 24 * 3600 * 1000

-- Fields: t: token; u: held until; l: the duration granted last; n: note.
local held = redis.call('HMGET', key, 't', 'u', 'n', 'l')
local token, until_, note = tonumber(held[1] or 0), tonumber(held[2] or 0), held[3]
if held[4] and until_ > now + tonumber(held[4]) then
    -- The clock was set back, or another server has taken over. No lease is held for longer than it was granted.
    until_ = now + tonumber(held[4])
    redis.call('HSET', key, 'u', until_)
end

if command == 'acquire' then
    if until_ > now then
        return { 0, until_ - now, 0, 0, '' }
    end
    local idle = token > 0 and now - until_ or -1
    local ttl = math.max(tonumber(ARGV[3]), 1)
    redis.call('HSET', key, 't', token + 1, 'u', now + ttl, 'l', ttl)
    redis.call('HDEL', key, 'n')
    redis.call('PEXPIRE', key, ttl + RETENTION)
    return { 1, token + 1, idle, note and 1 or 0, note or '' }
end
if token ~= tonumber(ARGV[4]) then
    return { 0, 0, 0, 0, '' }
end
if command == 'renew' then
    if until_ <= now then
        return { 0, 0, 0, 0, '' }
    end
    local ttl = math.max(tonumber(ARGV[3]), 1)
    redis.call('HSET', key, 'u', now + ttl, 'l', ttl)
    redis.call('PEXPIRE', key, ttl + RETENTION)
else
    redis.call('HSET', key, 'u', math.min(now, until_))
    if ARGV[5] == '1' then
        redis.call('HSET', key, 'n', ARGV[6])
    else
        redis.call('HDEL', key, 'n')
    end
    redis.call('PEXPIRE', key, RETENTION)
end
return { 1, 0, 0, 0, '' }
