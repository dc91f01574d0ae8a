internal import Primitives

extension Evaluator {
    /// `getHours()` and the like.
    func selectTime(_ function: Function, _ arguments: ValueSpan) -> Value {
        if arguments[0].kind == .duration {
            return arguments.count == 1
                ? Self.part(function, ofDuration: arguments[0].integer) : .error(.noSuchOverload)
        }
        guard arguments[0].kind == .timestamp else { return .error(.noSuchOverload) }
        var seconds = arguments[0].seconds
        if arguments.count == 2 {
            guard arguments[1].kind == .string else { return .error(.noSuchOverload) }
            guard let offset = self.zones.offset(arguments[1].view, at: seconds) else {
                return .error(.invalidArgument, arguments[1].view)
            }
            seconds += Int64(offset)
        }
        let moment = Calendar.Moment(seconds)
        switch function {
        case .getDate: return .int(Int64(moment.day))
        case .getDayOfMonth: return .int(Int64(moment.day - 1))
        case .getDayOfWeek: return .int(Int64(moment.dayOfWeek))
        case .getDayOfYear: return .int(Int64(moment.dayOfYear))
        case .getFullYear: return .int(Int64(moment.year))
        case .getMonth: return .int(Int64(moment.month - 1))
        case .getHours: return .int(Int64(moment.secondOfDay / 3600))
        case .getMinutes: return .int(Int64(moment.secondOfDay / 60 % 60))
        case .getSeconds: return .int(Int64(moment.secondOfDay % 60))
        default: return .int(Int64(arguments[0].nanoseconds / 1_000_000))
        }
    }

    private static func part(_ function: Function, ofDuration nanoseconds: Int64) -> Value {
        switch function {
        case .getHours: .int(nanoseconds / 3_600_000_000_000)
        case .getMinutes: .int(nanoseconds / 60_000_000_000)
        case .getSeconds: .int(nanoseconds / 1_000_000_000)
        // The part of the second, unlike the others (the language definition, "getMilliseconds").
        case .getMilliseconds: .int(nanoseconds / 1_000_000 % 1000)
        default: .error(.noSuchOverload)
        }
    }
}
