-- Ends a request whose body does not tell its length (chunked, or HTTP/2 without content-length) and grows too large.
-- HAProxy's own rules only know lengths that are told, and what is in its buffer. In base.cfg: filter lua.limit <bytes>
-- Tried on HAProxy 2.6: what http_payload returns cannot end a request there (filter.ERROR is not looked at), an error
-- does. HAProxy then answers 400, cuts the connection to the instance, and writes the text of the error to its log.

local Limit = { id = "limit of request bodies", flags = filter.FLT_CFG_FL_HTX }
Limit.__index = Limit

-- One for each request. `self` is HAProxy's copy of Limit for this thread, with what the function at the end put there.
function Limit:new()
    return setmetatable({ passed = 0, most = self.most }, Limit)
end

function Limit:start_analyze(_, channel)
    if not channel:is_resp() then
        filter.register_data_filter(self, channel)
    end
end

-- Called with each piece of a body before it goes on; without a result all of it goes on. HAProxy counts the end of a
-- chunked body as a byte.
function Limit:http_payload(_, message)
    self.passed = self.passed + message:input()
    if self.passed > self.most + 1 then
        error("a request without a length has more than " .. self.most .. " bytes and was ended", 0)
    end
end

core.register_filter("limit", Limit, function(limit, arguments)
    limit.most = assert(tonumber(arguments[1]), "filter lua.limit needs a number of bytes")
    return limit
end)
