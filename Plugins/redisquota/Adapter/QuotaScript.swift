/// What runs in Redis, as one step: so gateways never meet in between.
///
/// KEYS: the amount's, and that of a request's answer. ARGV: the most, the window in milliseconds, what is
/// wanted, whether less will do, and for how many milliseconds answers are kept (0: not). The reply is what
/// is granted, and for how many milliseconds it is good. Redis' own clock counts, the same for all gateways.
struct QuotaScript: Sendable {
    let text: [UInt8]
    /// By which Redis knows it.
    let hash: [UInt8]

    private init(_ text: String) {
        self.text = Array(text.utf8)
        self.hash = SHA1.hexadecimal(self.text)
    }

    private static let beginning = """
        if tonumber(ARGV[5]) > 0 then
          local known = redis.call('GET', KEYS[2])
          if known then return { tonumber(known), 0 } end
        end
        local max, window, amount = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local function decide(used)
          local left = math.max(max - used, 0)
          if amount <= left then return amount end
          return ARGV[4] == '1' and left or 0
        end
        local function remember(granted)
          if tonumber(ARGV[5]) > 0 then redis.call('SET', KEYS[2], granted, 'PX', ARGV[5]) end
        end

        """

    /// One number, which is gone when its window is over.
    static let fixed = QuotaScript(
        beginning + """
            local granted = decide(tonumber(redis.call('GET', KEYS[1]) or '0'))
            if granted > 0 then
              redis.call('INCRBY', KEYS[1], granted)
              if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], window) end
            end
            remember(granted)
            local left = redis.call('PTTL', KEYS[1])
            return { granted, left > 0 and left or window }
            """)

    /// A hash of amounts by tenth of the window; those older than a window and a tenth are taken out.
    static let rolling = QuotaScript(
        beginning + """
            local time = redis.call('TIME')
            local length = math.max(math.floor(window / 10), 1)
            local slot = math.floor((time[1] * 1000 + math.floor(time[2] / 1000)) / length)
            local used = 0
            local all = redis.call('HGETALL', KEYS[1])
            for index = 1, #all, 2 do
              if tonumber(all[index]) < slot - 10 then
                redis.call('HDEL', KEYS[1], all[index])
              else
                used = used + tonumber(all[index + 1])
              end
            end
            local granted = decide(used)
            if granted > 0 then
              redis.call('HINCRBY', KEYS[1], string.format('%.0f', slot), granted)
              redis.call('PEXPIRE', KEYS[1], length * 12)
            end
            remember(granted)
            return { granted, length }
            """)
}
