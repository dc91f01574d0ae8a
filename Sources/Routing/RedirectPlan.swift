public import Filtering
public import GatewayConfig
public import Primitives

/// A compiled ``Redirect``: writes the `location` of its answer.
public struct RedirectPlan: Sendable {
    /// 301, 302, 303, 307 or 308.
    public let status: Int
    private let scheme: [UInt8]?
    private let host: [UInt8]?
    private let port: Int?
    private let path: PathRewrite?

    /// - Parameter match: The rule's path, for `replacePrefix`.
    public init(_ redirect: Redirect, of match: PathMatch?) {
        self.status = redirect.status
        self.scheme = redirect.scheme.map { Array($0.utf8) }
        self.host = redirect.host.map { Array($0.utf8) }
        self.port = redirect.port
        self.path = redirect.path.map { PathRewrite($0, of: match) }
    }

    /// Appends the absolute URL that the client is sent to.
    ///
    /// The port is the one configured; else, when the scheme changes, the new scheme's own; else the
    /// request's when the host stays too, and the scheme's own when the host changes. A scheme's own port is
    /// not written.
    public func writeLocation(for request: HeaderBlock, to output: ByteBuffer) {
        let oldScheme = request.scheme
        if let scheme = self.scheme {
            scheme.withByteView { self.write(scheme: $0, changes: !($0 == oldScheme), request, to: output) }
        } else {
            self.write(scheme: oldScheme, changes: false, request, to: output)
        }
    }

    private func write(scheme: ByteView, changes: Bool, _ request: HeaderBlock, to output: ByteBuffer) {
        output.append(scheme)
        output.append("://")
        let authority = request.authority
        let portStart = RequestHost.portStart(authority)
        if let host = self.host {
            host.withByteView { output.append($0) }
        } else {
            output.append(authority[0..<portStart])
        }
        if let port = self.port {
            if !(scheme == "http" && port == 80), !(scheme == "https" && port == 443) {
                output.append(":")
                output.appendDecimal(UInt64(port))
            }
        } else if !changes, self.host == nil {
            output.append(authority.dropFirst(portStart))
        }
        if let path = self.path {
            path.write(request.path, to: output)
        } else if request.path.hasPrefix(ByteView("/")) {
            output.append(request.path)
        } else {
            output.append("/")  // OPTIONS * has no path.
        }
    }
}
