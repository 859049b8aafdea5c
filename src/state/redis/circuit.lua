-- The circuit breaker of `circuit.rs`, held as JSON. Every call is one step.
-- KEYS: the breaker. ARGV: what to do, failures, successes, open_for, probes, generation, probe, verdict, now.
local key, act = KEYS[1], ARGV[1]
local failures, successes, open_for, probes =
    tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local now = tonumber(ARGV[9])
if now == 0 then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end

-- state: C, O, H; f: failures in a row; k: successes while half-open; u: open until; g: generation; n: probes so far;
-- p: probes under way, each with the time at which its process is taken for dead.
local PROBE_LEASE, KEEP, PROBING = 60000, 24 * 3600 * 1000, 1000
local text = redis.call('GET', key)
local c = text and cjson.decode(text) or { s = 'C', f = 0, k = 0, u = 0, g = 1, n = 0, p = {} }

local changed = false
local function enter(state)
    c.s, c.f, c.k, c.p, c.g, changed = state, 0, 0, {}, c.g + 1, true
end
local function open()
    enter('O')
    c.u = now + open_for
end

local admitted, generation, probe, retry_after = 0, 0, 0, 0
if act == 'admit' then
    if c.s == 'O' and now >= c.u then
        enter('H')
    end
    if c.s == 'O' then
        retry_after = c.u - now
    elseif c.s == 'H' then
        local alive = {}
        for _, one in ipairs(c.p) do
            if one[2] > now then
                alive[#alive + 1] = one
            end
        end
        if #alive >= probes then
            retry_after = PROBING
        else
            c.n = c.n + 1
            probe, admitted = c.n, 1
            alive[#alive + 1] = { probe, now + PROBE_LEASE }
        end
        c.p, changed = alive, true
    else
        admitted = 1
    end
    generation = c.g
elseif act == 'reset' then
    enter('C')
elseif act == 'settle' and tonumber(ARGV[6]) == c.g then
    local mine, verdict = tonumber(ARGV[7]), ARGV[8]
    if c.s == 'C' then
        if verdict == 'success' and c.f > 0 then
            c.f, changed = 0, true
        elseif verdict == 'failure' then
            c.f, changed = c.f + 1, true
            if c.f >= failures then
                open()
            end
        end
    elseif c.s == 'H' then
        local rest = {}
        for _, one in ipairs(c.p) do
            if one[1] ~= mine then
                rest[#rest + 1] = one
            end
        end
        c.p, changed = rest, true
        if verdict == 'failure' then
            open()
        elseif verdict == 'success' then
            c.k = c.k + 1
            if c.k >= successes then
                enter('C')
            end
        end
    end
end

if changed then
    redis.call('SET', key, cjson.encode(c), 'PX', open_for + KEEP)
end
local state, open_left = c.s, 0
if state == 'O' then
    if now >= c.u then
        state = 'H'
    else
        open_left = c.u - now
    end
end
return { admitted, generation, probe, retry_after, state, c.g, open_left, c.f > 0 and 1 or 0 }
