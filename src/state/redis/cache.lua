-- Cached responses, each a hash that expires, and a mark for each tag. A response holds the marks that its tags had when its
-- request began, and is fresh only while these are current. An invalidation deletes the marks; the next lookup sets new ones.
-- A mark that is evicted makes responses stale, and none fresh. Lookups need no script.
-- KEYS: `put`: the response, then the mark of each tag; `flush`: the marks.
-- ARGV: command, now; `put`: identity of the response, fresh for, expires after, time to live of marks, status, headers, body, marks.
-- Fields of a response: f: fresh until, s: status, h: headers, b: body, m: marks, c: the clock when it was stored, i: identity.
local command, now = ARGV[1], tonumber(ARGV[2])
if command == 'flush' then
    return redis.call('DEL', unpack(KEYS))
end
if now == 0 then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local marks = {}
for at = 2, #KEYS do
    marks[at - 1] = redis.call('GET', KEYS[at])
    if marks[at - 1] ~= ARGV[8 + at] then
        return 0
    end
end
redis.call('HSET', KEYS[1], 'f', now + tonumber(ARGV[4]), 's', ARGV[7], 'h', ARGV[8], 'b', ARGV[9], 'm', table.concat(marks, ' '), 'c', now, 'i', ARGV[3])
redis.call('PEXPIRE', KEYS[1], ARGV[5])
for at = 2, #KEYS do
    redis.call('PEXPIRE', KEYS[at], ARGV[6])
end
return 1
