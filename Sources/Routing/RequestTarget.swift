internal import Primitives

/// A request's `:path`, split at the first "?".
struct RequestTarget {
    /// Without the query.
    let path: ByteView
    /// Behind the "?"; empty when there is none.
    let query: ByteView

    init(_ target: ByteView) {
        if let mark = target.firstIndex(of: 0x3F) {
            self.path = target[0..<mark]
            self.query = target.dropFirst(mark + 1)
        } else {
            self.path = target
            self.query = target.dropFirst(target.count)
        }
    }

    /// False for `*` (OPTIONS) and the authority of CONNECT.
    var hasPath: Bool { !self.path.isEmpty && self.path[0] == 0x2F }
}
