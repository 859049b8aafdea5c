-- Circuit breakers, by the rules of `circuit.rs`, stored as JSON: a tenant's under a key of its own, those of its operations
-- as fields of a hash, each only while it has state to keep. Every call is one atomic step.
-- KEYS: the tenant's, the operations'. ARGV: command, failure threshold, success threshold, open duration, largest number of
-- probes, generation, probe, health signal, now, the operation (empty: the tenant's own).
local key, hash, command, operation = KEYS[1], KEYS[2], ARGV[1], ARGV[10]
local failures, successes, open_for, probes =
    tonumber(ARGV[2]), tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
local now = tonumber(ARGV[9])
if now == 0 then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end

-- s: C, O, H; f: failures in a row; k: successes while half-open; u: open until; g: generation; n: number of the last probe;
-- p: probes in flight, each with the time at which its lease expires.
local PROBE_LEASE, RETENTION, PROBE_RETRY = 60000, 24 * 3600 * 1000, 1000

local function read(text)
    if type(text) ~= 'string' then
        return nil
    end
    local is_json, c = pcall(cjson.decode, text)
    if is_json and type(c) == 'table' and type(c.s) == 'string' and type(c.g) == 'number' and type(c.p) == 'table' then
        return c
    end
    return nil
end

local hash_type = redis.call('TYPE', hash).ok
if hash_type ~= 'hash' and hash_type ~= 'none' then
    redis.call('DEL', hash)
end

local c, changed, is_known = nil, false, true
if operation == '' then
    c = read(redis.pcall('GET', key)) or { s = 'C', f = 0, k = 0, u = 0, g = 1, n = 0, p = {} }
else
    c = read(redis.call('HGET', hash, operation))
    is_known = c ~= nil
    c = c or { s = 'C', f = 0, k = 0, u = 0, g = now, n = 0, p = {} }
end

-- An end further away than the open duration was set before the clock was set back.
if c.s == 'O' and c.u > now + open_for then
    c.u, changed = now + open_for, true
end

local function transition(state)
    c.s, c.f, c.k, c.p, c.g, changed = state, 0, 0, {}, c.g + 1, true
end
local function open()
    transition('O')
    c.u = now + open_for
end

local admitted, generation, probe, retry_after = 0, 0, 0, 0
-- Generation 0: admitted while there was no state.
local admitted_in = tonumber(ARGV[6])
if command == 'admit' then
    if c.s == 'O' and now >= c.u then
        transition('H')
    end
    if c.s == 'O' then
        retry_after = c.u - now
    elseif c.s == 'H' then
        local alive = {}
        for _, one in ipairs(c.p) do
            if one[2] > now and one[2] <= now + PROBE_LEASE then
                alive[#alive + 1] = one
            end
        end
        if #alive >= probes then
            retry_after = PROBE_RETRY
        else
            c.n = c.n + 1
            probe, admitted = c.n, 1
            alive[#alive + 1] = { probe, now + PROBE_LEASE }
        end
        c.p, changed = alive, true
    else
        admitted = 1
    end
    generation = is_known and c.g or 0
elseif command == 'reset' then
    transition('C')
    redis.call('DEL', hash)
elseif command == 'settle' and (admitted_in == c.g or (admitted_in == 0 and c.s == 'C')) then
    local mine, signal = tonumber(ARGV[7]), ARGV[8]
    if c.s == 'C' then
        if signal == 'success' and c.f > 0 then
            c.f, changed = 0, true
        elseif signal == 'failure' then
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
        if signal == 'failure' then
            open()
        elseif signal == 'success' then
            c.k = c.k + 1
            if c.k >= successes then
                transition('C')
            end
        end
    end
end

if changed and operation == '' then
    redis.call('SET', key, cjson.encode(c), 'PX', open_for + RETENTION)
elseif changed and c.s == 'C' and c.f == 0 then
    redis.call('HDEL', hash, operation)
elseif changed then
    redis.call('HSET', hash, operation, cjson.encode(c))
    redis.call('PEXPIRE', hash, open_for + RETENTION)
end

local function snapshot(one)
    local state, open_left = one.s, 0
    if state == 'O' then
        if now >= one.u then
            state = 'H'
        else
            open_left = math.min(one.u - now, open_for)
        end
    end
    return state, one.g, open_left, one.f > 0 and 1 or 0
end
local tenant = c
if operation ~= '' then
    tenant = read(redis.pcall('GET', key)) or { s = 'C', f = 0, g = 1 }
end
local operations, fields = {}, redis.call('HGETALL', hash)
for at = 1, #fields, 2 do
    local one = read(fields[at + 1])
    if one then
        operations[#operations + 1] = { fields[at], snapshot(one) }
    end
end
return { admitted, generation, probe, retry_after, { snapshot(tenant) }, operations }
