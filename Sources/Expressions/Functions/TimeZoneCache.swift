internal import Primitives

/// The time zones that an evaluator has been asked for.
struct TimeZoneCache {
    /// Names come from requests, at worst: more are read again and again, not kept.
    private static let limit = 64

    private var zones: [String: ZoneData?] = [:]

    /// Seconds east of Greenwich in `zone` at a time; nil when there is no such zone.
    mutating func offset(_ zone: ByteView, at seconds: Int64) -> Int? {
        if zone.isEmpty || zone == "UTC" || zone == "Z" || zone == "GMT" { return 0 }
        if let fixed = Self.fixed(zone) { return fixed }
        guard zone.count <= 64 else { return nil }
        let name = zone.string
        if let known = self.zones[name] { return known?.offset(at: seconds) }
        let data = ZoneFiles.read(name)
        if self.zones.count < Self.limit { self.zones[name] = .some(data) }
        return data?.offset(at: seconds)
    }

    /// `+01:30`, `-08:00`, `02:00`.
    private static func fixed(_ zone: ByteView) -> Int? {
        let hasSign = zone[0] == 0x2B || zone[0] == 0x2D
        let digits = hasSign ? zone.dropFirst(1) : zone
        guard digits.count == 5, digits[2] == 0x3A, let hours = Timestamp.digits(digits, 0, 2),
            let minutes = Timestamp.digits(digits, 3, 2), hours < 24, minutes < 60
        else { return nil }
        let seconds = hours * 3600 + minutes * 60
        return zone[0] == 0x2D ? -seconds : seconds
    }
}
