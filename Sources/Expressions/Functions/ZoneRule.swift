/// A rule for summer time in every year (POSIX, `TZ`, with RFC 9636's extension): `EST5EDT,M3.2.0,M11.1.0`.
struct ZoneRule: Sendable {
    /// When in a year something begins, in the time before it.
    enum Day: Sendable {
        case monthWeekDay(month: Int, week: Int, day: Int)
        /// 1...365; the 29th of February never counts.
        case julian(Int)
        /// 0...365.
        case ordinal(Int)
    }

    private let standard: Int
    private var summer: Int?
    private var begin: (day: Day, second: Int) = (.ordinal(0), 0)
    private var end: (day: Day, second: Int) = (.ordinal(0), 0)

    init?(_ text: String) {
        var reader = ZoneRuleReader(text)
        guard reader.name(), let west = reader.time() else { return nil }
        self.standard = -west
        guard reader.name() else { return }
        self.summer = reader.time().map { -$0 } ?? self.standard + 3600
        guard reader.take(","), let begin = reader.date(), reader.take(","), let end = reader.date() else {
            return nil
        }
        self.begin = begin
        self.end = end
    }

    /// Seconds east of Greenwich.
    func offset(at seconds: Int64) -> Int {
        guard let summer = self.summer else { return self.standard }
        let year = Calendar.Moment(seconds + Int64(self.standard)).year
        let begin = Self.start(self.begin, year) - Int64(self.standard)
        let end = Self.start(self.end, year) - Int64(summer)
        let isSummer = begin < end ? seconds >= begin && seconds < end : seconds >= begin || seconds < end
        return isSummer ? summer : self.standard
    }

    private static func start(_ date: (day: Day, second: Int), _ year: Int) -> Int64 {
        let days: Int
        switch date.day {
        case .julian(let day):
            let leap = Calendar.isLeap(year) && day >= 60 ? 1 : 0
            days = Calendar.days(year: year, month: 1, day: 1) + day - 1 + leap
        case .ordinal(let day): days = Calendar.days(year: year, month: 1, day: 1) + day
        case .monthWeekDay(let month, let week, let day):
            let first = Calendar.days(year: year, month: month, day: 1)
            let firstWeekDay = ((first + 4) % 7 + 7) % 7
            var dayOfMonth = (day - firstWeekDay + 7) % 7 + 1 + (week - 1) * 7
            if dayOfMonth > Calendar.days(inMonth: month, ofYear: year) { dayOfMonth -= 7 }
            days = first + dayOfMonth - 1
        }
        return Int64(days) * 86_400 + Int64(date.second)
    }
}
