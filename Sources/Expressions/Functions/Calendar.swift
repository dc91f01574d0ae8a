/// The proleptic Gregorian calendar, in days and seconds since 1970.
enum Calendar {
    /// A point in time as a clock on the wall shows it.
    struct Moment {
        let year: Int
        /// 1...12.
        let month: Int
        /// 1...31.
        let day: Int
        /// 0 for the first of January.
        let dayOfYear: Int
        /// 0 for Sunday.
        let dayOfWeek: Int
        let secondOfDay: Int

        /// - Parameter seconds: Since 1970 in the wall's own time.
        init(_ seconds: Int64) {
            let days = Int((seconds >= 0 ? seconds : seconds - 86_399) / 86_400)
            self.secondOfDay = Int(seconds) - days * 86_400
            self.dayOfWeek = ((days + 4) % 7 + 7) % 7
            // Years from March on, in eras of 400 years, so that leap days come last.
            let shifted = days + 719_468
            let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
            let dayOfEra = shifted - era * 146_097
            let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
            let dayFromMarch = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
            let monthFromMarch = (5 * dayFromMarch + 2) / 153
            self.day = dayFromMarch - (153 * monthFromMarch + 2) / 5 + 1
            self.month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
            self.year = yearOfEra + era * 400 + (self.month <= 2 ? 1 : 0)
            self.dayOfYear = days - Calendar.days(year: self.year, month: 1, day: 1)
        }
    }

    /// Days since 1970.
    static func days(year: Int, month: Int, day: Int) -> Int {
        let year = month <= 2 ? year - 1 : year
        let era = (year >= 0 ? year : year - 399) / 400
        let yearOfEra = year - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
    }

    static func isLeap(_ year: Int) -> Bool { year % 4 == 0 && year % 100 != 0 || year % 400 == 0 }

    static func days(inMonth month: Int, ofYear year: Int) -> Int {
        switch month {
        case 2: Self.isLeap(year) ? 29 : 28
        case 4, 6, 9, 11: 30
        default: 31
        }
    }
}
