internal import PluginSupport
internal import PosternSDK

/// The columns of the template `authorization` (docs/reference/templates.md).
enum Column {
    static let user = 0
    static let groups = 1
    static let namespace = 2
    static let service = 3
    static let method = 4
    static let path = 5
}

extension Record {
    /// Whether the value of a column fits one of some patterns; an absent value fits none.
    func column(_ index: Int, fits globs: [Glob]) -> Bool {
        switch self[index] {
        case .absent: return false
        case .string(let text): return globs.match(text)
        default:
            var text: [UInt8] = []
            self[index].append(to: &text)
            return globs.match(text.span)
        }
    }

    /// As ``column(_:fits:)`` of a property by its name, `subject.NAME` or `action.NAME`.
    func property(_ name: String, fits globs: [Glob]) -> Bool {
        guard let index = self.shape.column(name) else { return false }
        return self.column(index, fits: globs)
    }

    /// Whether one of the subject's groups, which stand with commas between, fits one of some patterns.
    func groupFits(_ globs: [Glob]) -> Bool {
        guard case .string(let groups) = self[Column.groups] else { return false }
        var fits = false
        groups.forEachElement { group in
            fits = globs.match(group)
            return !fits
        }
        return fits
    }
}
