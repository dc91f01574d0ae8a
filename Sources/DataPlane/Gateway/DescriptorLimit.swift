internal import Glibc

/// How many descriptors the process may have.
enum DescriptorLimit {
    /// Takes all that the system lets this process have.
    ///
    /// - Returns: Where clients' connections must end, so that the rest is left for services, files and the
    ///   admin endpoint.
    static func raise() -> Int32 {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return .max }
        if limit.rlim_cur < limit.rlim_max {
            let present = limit.rlim_cur
            limit.rlim_cur = limit.rlim_max
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) != 0 {
                limit.rlim_cur = present
            }
        }
        return Int32(clamping: limit.rlim_cur - limit.rlim_cur / 8)
    }
}
