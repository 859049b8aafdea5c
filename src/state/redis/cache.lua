-- Cached responses, each a hash that expires, and a mark for each tag. A response holds the marks that its tags had when its
-- request began, and is fresh only while these are current. An invalidation deletes the marks; the next lookup sets new ones.
-- A mark that is evicted makes responses stale, and none fresh.
-- KEYS: `get` and `put`: the response, then the mark of each tag; `flush`: the marks.
-- ARGV: command, now, a number that was never a mark; `get`: the identity of the response that the caller holds, or 0; `put`: fresh
-- for, expires after, status, headers, body, marks. The number of `put` is the identity of the response.
-- Fields of a response: f: fresh until, s: status, h: headers, b: body, m: marks, c: the clock when it was stored, i: identity.
local command, now = ARGV[1], tonumber(ARGV[2])
if now == 0 then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local MARK_TTL = 24 * 3600 * 1000

if command == 'flush' then
    return redis.call('DEL', unpack(KEYS))
end

local marks, has_marks = {}, true
for at = 2, #KEYS do
    marks[at - 1] = redis.call('GET', KEYS[at])
    has_marks = has_marks and marks[at - 1]
end

if command == 'get' then
    local about = redis.call('HMGET', KEYS[1], 'f', 'm', 'c', 'i')
    local fresh, identity = tonumber(about[1]), about[4] or '0'
    -- If the clock was set back since the response was stored, it would be fresh for too long.
    local is_fresh = fresh and now < fresh and now >= (tonumber(about[3]) or 0)
    is_fresh = is_fresh and has_marks and about[2] == table.concat(marks, ' ')
    if is_fresh and identity ~= '0' and identity == ARGV[4] then
        return { 3, 0, '', '', {}, '0' }
    end
    local found = redis.call('HMGET', KEYS[1], 's', 'h', 'b')
    local status = tonumber(found[1])
    local is_complete = fresh and about[2] and status and found[2] and found[3]
    if is_complete and is_fresh then
        return { 2, status, found[2], found[3], {}, identity }
    end
    for at = 2, #KEYS do
        if not marks[at - 1] then
            marks[at - 1] = ARGV[3]
            redis.call('SET', KEYS[at], ARGV[3], 'PX', MARK_TTL)
        end
    end
    if is_complete then
        return { 1, status, found[2], found[3], marks, '0' }
    end
    return { 0, 0, '', '', marks, '0' }
end

for at = 2, #KEYS do
    if marks[at - 1] ~= ARGV[7 + at] then
        return 0
    end
end
redis.call('HSET', KEYS[1], 'f', now + tonumber(ARGV[4]), 's', ARGV[6], 'h', ARGV[7], 'b', ARGV[8], 'm', table.concat(marks, ' '), 'c', now, 'i', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
for at = 2, #KEYS do
    redis.call('PEXPIRE', KEYS[at], MARK_TTL)
end
return 1
