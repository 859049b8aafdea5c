-- A quota, by the rules of `quota.rs`, stored as JSON, and its requests in flight with the times at which their leases expire.
-- Every call is one atomic step.
-- KEYS: the quota, its requests in flight; then of the tenant's quota by rule, which all of its quotas share, the state and the
-- times of the requests granted in the last minute. With `reset` and `view`: pairs of the first two.
-- ARGV: `ask`, now, the state that the caller exports, requests a minute, burst, hard, the longest wait
--    or `settle`, now, sent at, id, the feedback
--    or `reset`, now
--    or `view`, now.
local key, in_flight_key, rule_key, recent_key = KEYS[1], KEYS[2], KEYS[3], KEYS[4]
local command, now = ARGV[1], tonumber(ARGV[2])
if now == 0 then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end

local SLOW_START, MARGIN, WINDOW, PENALTY, MAX_WINDOWS = 10, 10, 60000, 1000, 32
local FORMAT, LEASE, RETENTION, RULE_RETENTION = 2, 60000, 600000, 86400000

-- v: format; c: the clock when it was stored; b: blocked until; a: blocked at; k: rejected while blocked; p: penalties;
-- q: unlimited; x, y: unanswered requests, and when the last of them ended; n: id of the last grant; w: windows, each with
-- n: name, l: limit, u: used, x, y: as above, s: started at, e: ends at, t: reported end, g: length, f: uncertain.
local function fresh(n)
    return { v = FORMAT, b = 0, a = 0, k = false, p = 0, q = false, x = 0, y = 0, n = n, w = {} }
end

-- Returns the quota under a key; nil if there is none, or one of another version.
local function load(from)
    local text = redis.pcall('GET', from)
    if type(text) ~= 'string' then
        return nil
    end
    local is_json, quota = pcall(cjson.decode, text)
    if is_json and type(quota) == 'table' and quota.v == FORMAT and type(quota.w) == 'table' then
        return quota
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

local function store(to, quota)
    local last = quota.b
    quota.c = now
    for _, w in ipairs(quota.w) do
        last = math.max(last, w.e or 0)
    end
    redis.call('SET', to, cjson.encode(quota), 'PX', math.max(last - now, 0) + RETENTION)
end

if command == 'reset' then
    for at = 1, #KEYS, 2 do
        local quota = load(KEYS[at])
        -- The key stays, without state. Otherwise the next caller would restore the old state from its export.
        if quota or at == 1 then
            store(KEYS[at], fresh(quota and quota.n or 0))
        end
    end
    return { 'ok', 0, 0 }
end

if command == 'view' then
    -- For each quota with state: its index, remaining block, requests in flight, and for each window: name, limit, counted
    -- requests, remaining time.
    local quotas = {}
    for at = 1, #KEYS, 2 do
        local quota = load(KEYS[at])
        if quota then
            local shift, windows = math.min(now - (quota.c or now), 0), {}
            for _, w in ipairs(quota.w) do
                windows[#windows + 1] = { w.n, w.l, w.u + w.x, math.max((w.e or 0) + shift - now, 0) }
            end
            local count = redis.pcall('ZCOUNT', KEYS[at + 1], '(' .. string.format('%.0f', now - shift), '+inf')
            local in_flight = type(count) == 'number' and count or 0
            quotas[#quotas + 1] = { (at - 1) / 2, math.max(quota.b + shift - now, 0), in_flight, windows }
        end
    end
    return quotas
end

local quota = load(key)
if not quota then
    quota = fresh(0)
    if command == 'ask' then
        local exported = cjson.decode(ARGV[3])
        quota.b = exported.blocked > 0 and now + exported.blocked or 0
        for at, w in ipairs(exported.windows) do
            quota.w[at] =
                { n = w.name, l = w.limit, u = w.used, x = 0, y = 0, s = now, e = now + w.ends, g = w.length, f = false }
        end
    end
end
local type_of = redis.call('TYPE', in_flight_key).ok
if type_of ~= 'zset' and type_of ~= 'none' then
    redis.call('DEL', in_flight_key)
end
if quota.c and quota.c > now then
    -- The clock was set back, or another server has taken over. Every remaining time stays the same.
    local shift = now - quota.c
    quota.b, quota.a, quota.y = quota.b + shift, quota.a + shift, quota.y + shift
    for _, w in ipairs(quota.w) do
        w.y, w.s, w.e, w.t = w.y + shift, w.s + shift, w.e and w.e + shift, w.t and w.t + shift
    end
    move(in_flight_key, shift)
    store(key, quota)
end

local function save()
    store(key, quota)
end

-- Returns the latest end of a window. If it has none, sets one.
local function ensure_end(w)
    w.e = w.e or now + w.g + MARGIN
    return w.e
end

local function record_unanswered(count)
    if quota.q and #quota.w == 0 then
        return
    end
    quota.x, quota.y = quota.x + count, now
    for _, w in ipairs(quota.w) do
        w.x, w.y = w.x + count, now
        -- If the end was not reported, the request may have started the window as late as now.
        if not w.t then
            w.e = math.max(w.e or 0, now + w.g + MARGIN)
        end
    end
end

local function advance(w)
    if w.e and w.e <= now then
        w.f = quota.k or w.t == nil
        w.u, w.x, w.s, w.e, w.t = 0, 0, now, nil, nil
        return true
    end
    return false
end

local function earliest()
    return tonumber(redis.call('ZRANGE', recent_key, 0, 0, 'WITHSCORES')[2])
end

-- Takes one request from the quota by rule, or returns how long it is exhausted. It bounds requests at once after a pause,
-- requests in any minute, and sustained requests a minute.
-- c: the clock when it was stored; t: when the whole burst is available again; d: by how much the requests before the last
-- minute exceed the sustained rate, in 60,000ths of a request; a: the time of the last of them.
local function take_by_rule(per_minute, burst)
    local stored = redis.call('HMGET', rule_key, 't', 'd', 'a', 'c')
    local full, excess, at = tonumber(stored[1] or 0), tonumber(stored[2] or 0), tonumber(stored[3] or 0)
    local shift = math.min(now - tonumber(stored[4] or 0), 0)
    if shift < 0 then
        full, at = full + shift, at > 0 and at + shift or 0
        move(recent_key, shift)
    end
    local most, each, first = math.max(per_minute, burst), WINDOW / per_minute, earliest()
    while first and first + WINDOW + MARGIN <= now do
        redis.call('ZPOPMIN', recent_key)
        excess = math.max(excess - (first - at) * per_minute, 0) + WINDOW
        at, first = first, earliest()
    end
    local taken, next, wait = redis.call('ZCARD', recent_key), math.max(full, now) + each, 0
    if taken >= most then
        wait = first + WINDOW + MARGIN - now
    else
        local owed = excess + (taken + 1) * WINDOW
        local over = at > 0 and owed - (most - per_minute) * WINDOW - (now - at) * per_minute or 0
        wait = math.max(math.ceil(over / per_minute), math.ceil(next - burst * each - now))
    end
    if wait <= 0 then
        full = next
        local same = redis.call('ZCOUNT', recent_key, now, now)
        redis.call('ZADD', recent_key, now, string.format('%.0f:%d', now, same))
    end
    local keep = math.min(math.ceil(most * each) + 2 * WINDOW + MARGIN, RULE_RETENTION)
    redis.call('HSET', rule_key, 't', string.format('%.6f', full), 'd', string.format('%.0f', excess), 'a', at, 'c', now)
    redis.call('PEXPIRE', rule_key, keep)
    redis.call('PEXPIRE', recent_key, keep)
    return wait > 0 and wait or nil
end

local function try_acquire(per_minute, burst, hard, max_wait)
    local latest = now + max_wait + MARGIN
    quota.b = math.min(quota.b, latest)
    for _, w in ipairs(quota.w) do
        w.e = w.e and math.min(w.e, latest)
        w.g = math.min(w.g, max_wait)
    end
    if now < quota.b then
        return { 'in', quota.b - now, 0 }
    end
    local expired = redis.call('ZREMRANGEBYSCORE', in_flight_key, '-inf', now)
    if expired > 0 then
        record_unanswered(expired)
    end
    local in_flight = redis.call('ZCARD', in_flight_key)
    if (#quota.w == 0 and not quota.q and in_flight >= SLOW_START) or (quota.p > 0 and in_flight > 0) then
        return { 'after', WINDOW, 0 }
    end
    local advanced, certain, uncertain = false, nil, nil
    for _, w in ipairs(quota.w) do
        advanced = advance(w) or advanced
        local counted = w.u + w.x
        if counted >= w.l then
            certain = math.max(certain or 0, ensure_end(w) - now)
        elseif counted + in_flight >= w.l or (w.f and in_flight > 0) then
            uncertain = math.max(uncertain or 0, ensure_end(w) - now)
        end
    end
    if advanced then
        quota.k = false
    end
    if certain then
        return { 'in', certain, 0 }
    elseif uncertain then
        return { 'after', uncertain, 0 }
    end
    if hard or #quota.w == 0 then
        local wait = take_by_rule(per_minute, burst)
        if wait then
            return { 'in', wait, 0 }
        end
    end
    for _, w in ipairs(quota.w) do
        ensure_end(w)
    end
    -- No id is used twice, even if the quota was evicted and its requests in flight were not.
    quota.n = math.max(quota.n + 1, now * 10)
    redis.call('ZADD', in_flight_key, now + LEASE, quota.n)
    redis.call('PEXPIRE', in_flight_key, LEASE)
    return { 'go', now, quota.n }
end

local function confirm_counts(w, limit, sent)
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

local function update(w, limit, sent)
    local most = math.max(limit.limit or (limit.remaining and limit.remaining + 1) or w.l, 1)
    local used = limit.remaining and math.max(most - limit.remaining, 0) or w.u + 1
    if not limit.reset then
        w.l, w.u = most, math.max(w.u, used)
        ensure_end(w)
        confirm_counts(w, limit, sent)
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
    confirm_counts(w, limit, sent)
    if w.t and w.e and earliest <= w.e and w.t <= latest then
        w.u, w.t, w.e = math.max(w.u, used), math.max(w.t, earliest), math.min(w.e, latest)
    elseif w.t then
        w.u, w.s, w.t, w.e = used, now, earliest, latest
    else
        w.u, w.t, w.e = math.max(w.u, used), earliest, latest
    end
end

local function window(limit, sent)
    for _, w in ipairs(quota.w) do
        if string.lower(w.n) == string.lower(limit.name) then
            return w
        end
    end
    if #quota.w >= MAX_WINDOWS then
        return nil
    end
    local w = { n = limit.name, l = 0, u = 0, x = quota.x, y = quota.y, s = sent, g = limit.reset or WINDOW, f = false }
    quota.w[#quota.w + 1] = w
    return w
end

local function record_rejection(sent, feedback)
    if now < quota.b then
        quota.k = true
    end
    local reset = feedback.retry_after
    for _, limit in ipairs(feedback.limits) do
        if limit.reset and (limit.remaining or 0) == 0 then
            reset = math.max(reset or 0, limit.reset)
        end
    end
    local wait
    if reset then
        wait = reset + MARGIN
    elseif sent < quota.a then
        return
    else
        quota.p = quota.p + 1
        wait = math.min(PENALTY * 2 ^ math.min(quota.p - 1, 6), WINDOW)
    end
    quota.a, quota.b = now, math.max(quota.b, now + wait)
end

local function record(sent, feedback)
    local has_limits, reported = false, {}
    local success = feedback.status ~= nil and feedback.status >= 200 and feedback.status < 300
    if feedback.status == 429 then
        record_rejection(sent, feedback)
    elseif feedback.status and sent >= quota.a then
        quota.p = 0
    end
    for _, limit in ipairs(feedback.limits) do
        if limit.limit or limit.remaining then
            has_limits, reported[string.lower(limit.name)] = true, true
            local w = window(limit, sent)
            if w then
                if advance(w) then
                    quota.k = false
                end
                update(w, limit, sent)
            end
        end
    end
    if not has_limits then
        quota.q = quota.q or success
        record_unanswered(1)
    elseif sent >= quota.y then
        quota.x, quota.y = 0, 0
    end
    if success then
        local remaining = {}
        for _, w in ipairs(quota.w) do
            if not w.f or sent < w.s or reported[string.lower(w.n)] then
                remaining[#remaining + 1] = w
            end
        end
        quota.w = remaining
    end
end

if command == 'ask' then
    local decision = try_acquire(tonumber(ARGV[4]), tonumber(ARGV[5]), ARGV[6] == '1', tonumber(ARGV[7]))
    save()
    decision[4] = redis.call('ZCARD', in_flight_key)
    return decision
end
local sent, id, feedback = tonumber(ARGV[3]), tonumber(ARGV[4]), ARGV[5]
if id > 0 then
    redis.call('ZREM', in_flight_key, ARGV[4])
end
if feedback ~= '' then
    record(sent > 0 and math.min(sent, now) or now, cjson.decode(feedback))
    save()
end
return { 'ok', 0, 0 }
