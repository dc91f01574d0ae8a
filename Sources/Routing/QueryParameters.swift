internal import Primitives

/// The parameters of a query in turn, still encoded: `a=1&b` gives `a`, `1` and `b`, ``.
struct QueryParameters {
    private var rest: ByteView

    init(_ query: ByteView) { self.rest = query }

    /// - Complexity: O(*n*), *n* bytes of the parameter.
    mutating func next() -> (name: ByteView, value: ByteView)? {
        while !self.rest.isEmpty {
            let end = self.rest.firstIndex(of: 0x26) ?? self.rest.count
            let parameter = self.rest[0..<end]
            self.rest = self.rest.dropFirst(min(end + 1, self.rest.count))
            if parameter.isEmpty { continue }
            guard let equals = parameter.firstIndex(of: 0x3D) else {
                return (parameter, parameter.dropFirst(parameter.count))
            }
            return (parameter[0..<equals], parameter.dropFirst(equals + 1))
        }
        return nil
    }
}
