-- A lane of `quota.rs`, held as JSON, and beside it the requests under way with the times at which their processes are
-- taken for dead. Every call is one step.
-- KEYS: the lane, its requests under way; of the caller's quota by rule, which all lanes share, where it
-- stands, and the times of the requests that it let go in the last minute. With `reset` and `view`: pairs of the first two.
-- ARGV: `ask`, now, what the asker knows, requests a minute, burst, firm, the longest wait
--    or `settle`, now, sent at, id, the answer
--    or `reset`, now
--    or `view`, now.
local key, under_way_key, rule_key, taken_key = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local act, now = ARGV[1], tonumber(ARGV[2])
if now == 0 then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local SLOW_START, MARGIN, WINDOW, PENALTY, MOST_WINDOWS = 10, 10, 60000, 1000, 32
local FORMAT, LEASE, KEEP, KEEP_RULE = 2, 60000, 600000, 86400000

-- v: format; c: the clock when it was stored; b: blocked until; a: blocked at; k: knocked; p: penalties; q: silent; x, y: lost, and when last; n: the last
-- grant's id; w: windows, each with n: name, l: limit, u: used, x, y: lost, and when last, s: began, e: ends, t: told,
-- g: length, f: unsure.
local function fresh(n)
    return { v = FORMAT, b = 0, a = 0, k = false, p = 0, q = false, x = 0, y = 0, n = n, w = {} }
end

-- The lane under a key; nothing where there is none, or one that another version has written.
local function load(from)
    local text = redis.pcall('GET', from)
    if type(text) ~= 'string' then
        return nil
    end
    local is_json, lane = pcall(cjson.decode, text)
    if is_json and type(lane) == 'table' and lane.v == FORMAT and type(lane.w) == 'table' then
        return lane
    end
    return nil
end

-- Moves the scores of a sorted set by `shift` milliseconds.
local function move(set, shift)
    local found = redis.call('ZRANGE', set, 0, -1, 'WITHSCORES')
    for at = 1, #found, 2 do
        redis.call('ZADD', set, found[at + 1] + shift, found[at])
    end
end

local function store(to, lane)
    local last = lane.b
    lane.c = now
    for _, w in ipairs(lane.w) do
        last = math.max(last, w.e or 0)
    end
    redis.call('SET', to, cjson.encode(lane), 'PX', math.max(last - now, 0) + KEEP)
end

if act == 'reset' then
    for at = 1, #KEYS, 2 do
        local lane = load(KEYS[at])
        -- It stays, and knows nothing: else the next to ask would tell it what there was.
        if lane or at == 1 then
            store(KEYS[at], fresh(lane and lane.n or 0))
        end
    end
    return { 'ok', 0, 0 }
end

if act == 'view' then
    -- Of each lane that is known: which one, blocked for, under way, and of its windows: name, limit, counted, left.
    local lanes = {}
    for at = 1, #KEYS, 2 do
        local lane = load(KEYS[at])
        if lane then
            local shift, windows = math.min(now - (lane.c or now), 0), {}
            for _, w in ipairs(lane.w) do
                windows[#windows + 1] = { w.n, w.l, w.u + w.x, math.max((w.e or 0) + shift - now, 0) }
            end
            local count = redis.pcall('ZCOUNT', KEYS[at + 1], '(' .. string.format('%.0f', now - shift), '+inf')
            local under_way = type(count) == 'number' and count or 0
            lanes[#lanes + 1] = { (at - 1) / 2, math.max(lane.b + shift - now, 0), under_way, windows }
        end
    end
    return lanes
end

local lane = load(key)
if not lane then
    lane = fresh(0)
    if act == 'ask' then
        local known = cjson.decode(ARGV[3])
        lane.b = known.blocked > 0 and now + known.blocked or 0
        for at, w in ipairs(known.windows) do
            lane.w[at] =
                { n = w.name, l = w.limit, u = w.used, x = 0, y = 0, s = now, e = now + w.ends, g = w.length, f = false }
        end
    end
end
local type_of = redis.call('TYPE', under_way_key).ok
if type_of ~= 'zset' and type_of ~= 'none' then
    redis.call('DEL', under_way_key)
end
if lane.c and lane.c > now then
    -- The clock was set back, or another server has taken over: what is left of each time stays what it was.
    local shift = now - lane.c
    lane.b, lane.a, lane.y = lane.b + shift, lane.a + shift, lane.y + shift
    for _, w in ipairs(lane.w) do
        w.y, w.s, w.e, w.t = w.y + shift, w.s + shift, w.e and w.e + shift, w.t and w.t + shift
    end
    move(under_way_key, shift)
    store(key, lane)
end

local function save()
    store(key, lane)
end

-- When a window is over at the latest. One that closes the lane has an end.
local function ends(w)
    w.e = w.e or now + w.g + MARGIN
    return w.e
end

local function lose(count)
    if lane.q and #lane.w == 0 then
        return
    end
    lane.x, lane.y = lane.x + count, now
    for _, w in ipairs(lane.w) do
        w.x, w.y = w.x + count, now
        -- One that nobody told of may have opened the window as late as now.
        if not w.t then
            w.e = math.max(w.e or 0, now + w.g + MARGIN)
        end
    end
end

local function roll(w)
    if w.e and w.e <= now then
        w.f = lane.k or w.t == nil
        w.u, w.x, w.s, w.e, w.t = 0, 0, now, nil, nil
        return true
    end
    return false
end

local function earliest()
    return tonumber(redis.call('ZRANGE', taken_key, 0, 0, 'WITHSCORES')[2])
end

-- How long the quota by rule has no room: so many at once after a pause, so many in any minute, so many a minute sustained.
-- Of the rule: c: the clock when it was stored; t: when all can be had at once again; d: by how much the requests before the last minute are ahead of what is
-- sustained, in 60,000ths of a request; a: when the last of them was.
local function by_rule(per_minute, burst)
    local told = redis.call('HMGET', rule_key, 't', 'd', 'a', 'c')
    local full, debt, at = tonumber(told[1] or 0), tonumber(told[2] or 0), tonumber(told[3] or 0)
    local shift = math.min(now - tonumber(told[4] or 0), 0)
    if shift < 0 then
        full, at = full + shift, at > 0 and at + shift or 0
        move(taken_key, shift)
    end
    local most, each, first = math.max(per_minute, burst), WINDOW / per_minute, earliest()
    while first and first + WINDOW + MARGIN <= now do
        redis.call('ZPOPMIN', taken_key)
        debt = math.max(debt - (first - at) * per_minute, 0) + WINDOW
        at, first = first, earliest()
    end
    local taken, next, wait = redis.call('ZCARD', taken_key), math.max(full, now) + each, 0
    if taken >= most then
        wait = first + WINDOW + MARGIN - now
    else
        local owed = debt + (taken + 1) * WINDOW
        local over = at > 0 and owed - (most - per_minute) * WINDOW - (now - at) * per_minute or 0
        wait = math.max(math.ceil(over / per_minute), math.ceil(next - burst * each - now))
    end
    if wait <= 0 then
        full = next
        local here = redis.call('ZCOUNT', taken_key, now, now)
        redis.call('ZADD', taken_key, now, string.format('%.0f:%d', now, here))
    end
    local keep = math.min(math.ceil(most * each) + 2 * WINDOW + MARGIN, KEEP_RULE)
    redis.call('HSET', rule_key, 't', string.format('%.6f', full), 'd', string.format('%.0f', debt), 'a', at, 'c', now)
    redis.call('PEXPIRE', rule_key, keep)
    redis.call('PEXPIRE', taken_key, keep)
    return wait > 0 and wait or nil
end

local function ask(per_minute, burst, firm, longest)
    local latest = now + longest + MARGIN
    lane.b = math.min(lane.b, latest)
    for _, w in ipairs(lane.w) do
        w.e = w.e and math.min(w.e, latest)
        w.g = math.min(w.g, longest)
    end
    if now < lane.b then
        return { 'in', lane.b - now, 0 }
    end
    local dead = redis.call('ZREMRANGEBYSCORE', under_way_key, '-inf', now)
    if dead > 0 then
        lose(dead)
    end
    local under_way = redis.call('ZCARD', under_way_key)
    if (#lane.w == 0 and not lane.q and under_way >= SLOW_START) or (lane.p > 0 and under_way > 0) then
        return { 'after', WINDOW, 0 }
    end
    local rolled, certain, uncertain = false, nil, nil
    for _, w in ipairs(lane.w) do
        rolled = roll(w) or rolled
        local counted = w.u + w.x
        if counted >= w.l then
            certain = math.max(certain or 0, ends(w) - now)
        elseif counted + under_way >= w.l or (w.f and under_way > 0) then
            uncertain = math.max(uncertain or 0, ends(w) - now)
        end
    end
    if rolled then
        lane.k = false
    end
    if certain then
        return { 'in', certain, 0 }
    elseif uncertain then
        return { 'after', uncertain, 0 }
    end
    if firm or #lane.w == 0 then
        local wait = by_rule(per_minute, burst)
        if wait then
            return { 'in', wait, 0 }
        end
    end
    for _, w in ipairs(lane.w) do
        ends(w)
    end
    -- No id comes twice, not even if the lane was lost and those under way were not.
    lane.n = math.max(lane.n + 1, now * 10)
    redis.call('ZADD', under_way_key, now + LEASE, lane.n)
    redis.call('PEXPIRE', under_way_key, LEASE)
    return { 'go', now, lane.n }
end

local function believe(w, limit, sent)
    if not limit.remaining then
        return
    end
    if sent >= w.y then
        w.x = 0
    end
    if sent >= w.s then
        w.f = false
    end
end

local function narrow(w, limit, sent)
    local most = math.max(limit.limit or (limit.remaining and limit.remaining + 1) or w.l, 1)
    local used = limit.remaining and math.max(most - limit.remaining, 0) or w.u + 1
    if not limit.reset then
        w.l, w.u = most, math.max(w.u, used)
        ends(w)
        believe(w, limit, sent)
        return
    end
    local earliest, latest = math.max(sent + limit.reset - 1000, 0), now + limit.reset + MARGIN
    local over
    if w.t then
        over = latest < w.t
    else
        over = earliest <= w.s
    end
    if sent < w.s and over then
        return
    end
    w.l, w.g = most, math.max(w.g, limit.reset)
    believe(w, limit, sent)
    if w.t and w.e and earliest <= w.e and w.t <= latest then
        w.u, w.t, w.e = math.max(w.u, used), math.max(w.t, earliest), math.min(w.e, latest)
    elseif w.t then
        w.u, w.s, w.t, w.e = used, now, earliest, latest
    else
        w.u, w.t, w.e = math.max(w.u, used), earliest, latest
    end
end

local function window(limit, sent)
    for _, w in ipairs(lane.w) do
        if string.lower(w.n) == string.lower(limit.name) then
            return w
        end
    end
    if #lane.w >= MOST_WINDOWS then
        return nil
    end
    local w = { n = limit.name, l = 0, u = 0, x = lane.x, y = lane.y, s = sent, g = limit.reset or WINDOW, f = false }
    lane.w[#lane.w + 1] = w
    return w
end

local function refused(sent, answer)
    if now < lane.b then
        lane.k = true
    end
    local reset = answer.retry_after
    for _, limit in ipairs(answer.limits) do
        if limit.reset and (limit.remaining or 0) == 0 then
            reset = math.max(reset or 0, limit.reset)
        end
    end
    local wait
    if reset then
        wait = reset + MARGIN
    elseif sent < lane.a then
        return
    else
        lane.p = lane.p + 1
        wait = math.min(PENALTY * 2 ^ math.min(lane.p - 1, 6), WINDOW)
    end
    lane.a, lane.b = now, math.max(lane.b, now + wait)
end

local function learn(sent, answer)
    local told, named = false, {}
    local success = answer.status ~= nil and answer.status >= 200 and answer.status < 300
    if answer.status == 429 then
        refused(sent, answer)
    elseif answer.status and sent >= lane.a then
        lane.p = 0
    end
    for _, limit in ipairs(answer.limits) do
        if limit.limit or limit.remaining then
            told, named[string.lower(limit.name)] = true, true
            local w = window(limit, sent)
            if w then
                if roll(w) then
                    lane.k = false
                end
                narrow(w, limit, sent)
            end
        end
    end
    if not told then
        lane.q = lane.q or success
        lose(1)
    elseif sent >= lane.y then
        lane.x, lane.y = 0, 0
    end
    if success then
        local kept = {}
        for _, w in ipairs(lane.w) do
            if not w.f or sent < w.s or named[string.lower(w.n)] then
                kept[#kept + 1] = w
            end
        end
        lane.w = kept
    end
end

if act == 'ask' then
    local turn = ask(tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6] == '1', tonumber(ARGV[7]))
    save()
    turn[4] = redis.call('ZCARD', under_way_key)
    return turn
end
local sent, id, answer = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
if id > 0 then
    redis.call('ZREM', under_way_key, ARGV[4])
end
if answer ~= '' then
    learn(sent > 0 and math.min(sent, now) or now, cjson.decode(answer))
    save()
end
return { 'ok', 0, 0 }
