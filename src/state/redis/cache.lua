-- Answers, each a hash that expires, and for each tag a mark. An answer holds the marks that its tags had when its request
-- began, and is fresh only while they stand. A flush takes the marks away; whoever looks for an answer next sets new ones.
-- A mark that is evicted makes answers stale, and none fresh.
-- KEYS: `get` and `put`: the answer, then for each tag its mark; `flush`: the marks.
-- ARGV: what to do, now, a number that was never a mark; `put`: fresh for, kept for, status, headers, body, the marks seen.
local act, now = ARGV[1], tonumber(ARGV[2])
if now == 0 then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local KEEP_MARKS = 24 * 3600 * 1000

if act == 'flush' then
    return redis.call('DEL', unpack(KEYS))
end

local marks, marked = {}, true
for at = 2, #KEYS do
    marks[at - 1] = redis.call('GET', KEYS[at])
    marked = marked and marks[at - 1]
end

if act == 'get' then
    local found = redis.call('HMGET', KEYS[1], 'f', 's', 'h', 'b', 'm', 'c')
    local fresh, status = tonumber(found[1]), tonumber(found[2])
    local whole = fresh and status and found[3] and found[4] and found[5]
    -- By a clock that was set back since it was put it would be fresh for too long.
    local in_time = fresh and now < fresh and now >= (tonumber(found[6]) or 0)
    if whole and marked and in_time and found[5] == table.concat(marks, ' ') then
        return { 2, status, found[3], found[4], {} }
    end
    for at = 2, #KEYS do
        if not marks[at - 1] then
            marks[at - 1] = ARGV[3]
            redis.call('SET', KEYS[at], ARGV[3], 'PX', KEEP_MARKS)
        end
    end
    if whole then
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
    redis.call('PEXPIRE', KEYS[at], KEEP_MARKS)
end
return 1
