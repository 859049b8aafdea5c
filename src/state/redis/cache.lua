-- Cached responses, each a hash that expires, and a mark for each tag. A response holds the marks that its tags had when its
-- request began, and is fresh only while these are current. An invalidation deletes the marks; the next lookup sets new ones.
-- A mark that is evicted makes responses stale, and none fresh.
-- KEYS: `get` and `put`: the response, then the mark of each tag; `flush`: the marks.
-- ARGV: command, now, a number that was never a mark; `put`: fresh for, expires after, status, headers, body, marks.
-- Fields of a response: f: fresh until, s: status, h: headers, b: body, m: marks, c: the clock when it was stored.
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
    local found = redis.call('HMGET', KEYS[1], 'f', 's', 'h', 'b', 'm', 'c')
    local fresh, status = tonumber(found[1]), tonumber(found[2])
    local is_complete = fresh and status and found[3] and found[4] and found[5]
    -- If the clock was set back since the response was stored, it would be fresh for too long.
    local is_fresh = fresh and now < fresh and now >= (tonumber(found[6]) or 0)
    if is_complete and has_marks and is_fresh and found[5] == table.concat(marks, ' ') then
        return { 2, status, found[3], found[4], {} }
    end
    for at = 2, #KEYS do
        if not marks[at - 1] then
            marks[at - 1] = ARGV[3]
            redis.call('SET', KEYS[at], ARGV[3], 'PX', MARK_TTL)
        end
    end
    if is_complete then
        return { 1, status, found[3], found[4], marks }
    end
    return { 0, 0, '', '', marks }
end

for at = 2, #KEYS do
    if marks[at - 1] ~= ARGV[7 + at] then
        return 0
    end
end
redis.call('HSET', KEYS[1], 'f', now + tonumber(ARGV[4]), 's', ARGV[6], 'h', ARGV[7], 'b', ARGV[8], 'm', table.concat(marks, ' '), 'c', now)
redis.call('PEXPIRE', KEYS[1], ARGV[5])
for at = 2, #KEYS do
    redis.call('PEXPIRE', KEYS[at], MARK_TTL)
end
return 1
