/// Reads the notation of ``ZoneRule``.
struct ZoneRuleReader {
    private var rest: Substring

    init(_ text: String) { self.rest = text[...] }

    mutating func take(_ character: Character) -> Bool {
        guard self.rest.first == character else { return false }
        self.rest.removeFirst()
        return true
    }

    /// Passes over `EST` or `<+03>`.
    mutating func name() -> Bool {
        if self.take("<") {
            self.rest = self.rest.drop { $0 != ">" }
            return self.take(">")
        }
        let letters = self.rest.prefix { $0.isLetter }
        self.rest.removeFirst(letters.count)
        return !letters.isEmpty
    }

    private mutating func number() -> Int? {
        let digits = self.rest.prefix { $0.isNumber }.prefix(6)
        self.rest.removeFirst(digits.count)
        return Int(digits)
    }

    /// `-5`, `02:30`, `26:00:00` in seconds.
    mutating func time() -> Int? {
        let isNegative = self.take("-")
        _ = self.take("+")
        guard let hours = self.number() else { return nil }
        var seconds = hours * 3600
        if self.take(":"), let minutes = self.number() { seconds += minutes * 60 }
        if self.take(":"), let rest = self.number() { seconds += rest }
        return isNegative ? -seconds : seconds
    }

    /// `M3.2.0/2`, `J60`, `59`.
    mutating func date() -> (day: ZoneRule.Day, second: Int)? {
        let day: ZoneRule.Day
        if self.take("M") {
            guard let month = self.number(), self.take("."), let week = self.number(), self.take("."),
                let weekDay = self.number(), (1...12).contains(month), (1...5).contains(week), weekDay < 7
            else { return nil }
            day = .monthWeekDay(month: month, week: week, day: weekDay)
        } else if self.take("J") {
            guard let number = self.number(), (1...365).contains(number) else { return nil }
            day = .julian(number)
        } else {
            guard let number = self.number(), number <= 365 else { return nil }
            day = .ordinal(number)
        }
        guard self.take("/") else { return (day, 7200) }
        return self.time().map { (day, $0) }
    }
}
