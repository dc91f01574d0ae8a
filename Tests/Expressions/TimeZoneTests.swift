import Testing

@testable import Expressions

@Suite struct TimeZoneTests {
    @Test(
        "Local times follow the database, and its rule beyond the last transition",
        arguments: [
            ("2026-01-15T12:00:00Z", "America/New_York", 7), ("2026-07-15T12:00:00Z", "America/New_York", 8),
            ("2026-03-08T06:59:59Z", "America/New_York", 1), ("2026-03-08T07:00:00Z", "America/New_York", 3),
            ("2026-11-01T05:59:59Z", "America/New_York", 1), ("2026-11-01T06:00:00Z", "America/New_York", 1),
            ("2090-07-15T12:00:00Z", "America/New_York", 8), ("2090-01-15T12:00:00Z", "America/New_York", 7),
            ("2090-01-15T12:00:00Z", "Australia/Sydney", 23),
            ("2090-07-15T12:00:00Z", "Australia/Sydney", 22),
            ("2090-07-15T12:00:00Z", "Asia/Tokyo", 21), ("1900-01-01T00:00:00Z", "UTC", 0),
            ("2026-01-15T12:00:00Z", "Europe/London", 12), ("2026-07-15T12:00:00Z", "Europe/London", 13),
            ("2026-01-15T12:00:00Z", "-07:30", 4), ("2026-01-15T12:00:00Z", "+05:45", 17),
        ])
    func hours(time: String, zone: String, hour: Int) throws {
        #expect(
            try EvaluatedText.value("timestamp('\(time)').getHours('\(zone)')", mode: .standard) == "\(hour)")
    }

    @Test(
        "A name is no path", arguments: ["../../../etc/passwd", "/etc/passwd", "", "posixrules/..", "Mars"])
    func names(zone: String) throws {
        let value = try EvaluatedText.value("timestamp(0).getHours('\(zone)')", mode: .standard)
        #expect(zone.isEmpty ? value == "0" : value.hasPrefix("error: invalid argument"))
    }

    @Test("Broken files of the database are refused")
    func brokenFiles() {
        #expect(ZoneData([]) == nil)
        #expect(ZoneData(Array("TZif2".utf8)) == nil)
        #expect(ZoneData(Array("TZif2".utf8) + [UInt8](repeating: 0xFF, count: 60)) == nil)
        #expect(ZoneData(Array("TZif2".utf8) + [UInt8](repeating: 0, count: 100)) == nil)
    }

    @Test("Rules of all three notations give the same summer")
    func rules() throws {
        let june: Int64 = 1_782_000_000  // The 21st of June 2026.
        for text in ["CET-1CEST,M3.5.0,M10.5.0/3", "CET-1CEST,J88/2,J298/3", "<+01>-1<+02>,87/2,297/3"] {
            let rule = try #require(ZoneRule(text))
            #expect(rule.offset(at: june) == 7200)
            #expect(rule.offset(at: june - 180 * 86_400) == 3600)
        }
        for text in ["", "CET", "CET-1CEST", "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,J0,J1"] {
            #expect(ZoneRule(text) == nil)
        }
    }
}
