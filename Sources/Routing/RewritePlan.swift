public import Filtering
public import GatewayConfig
public import Primitives

/// A compiled ``Rewrite``: gives a request the path and host that its service sees.
public struct RewritePlan: Sendable {
    private let path: PathRewrite?
    private let host: [UInt8]?

    /// - Parameter match: The rule's path, for `replacePrefix`.
    public init(_ rewrite: Rewrite, of match: PathMatch?) {
        self.path = rewrite.path.map { PathRewrite($0, of: match) }
        self.host = rewrite.host.map { Array($0.utf8) }
    }

    /// Whether it changes nothing.
    public var isEmpty: Bool { self.path == nil && self.host == nil }

    /// Changes `:path` and `:authority`.
    ///
    /// - Parameter scratch: Room for the new path; what it holds is lost.
    /// - Returns: The first edit that failed, after which the request must not be sent on; else
    ///   ``HeaderEdit/done``.
    public func apply(to request: HeaderBlock, scratch: ByteBuffer) -> HeaderEdit {
        if let path = self.path {
            scratch.reset()
            path.write(request.path, to: scratch)
            let edit = request.set(ByteView(":path"), scratch.view)
            if edit != .done { return edit }
        }
        guard let host = self.host else { return .done }
        return host.withByteView { request.set(ByteView(":authority"), $0) }
    }
}
