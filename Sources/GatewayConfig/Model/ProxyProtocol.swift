/// Whether clients of a listener begin with a PROXY header.
public enum ProxyProtocolAcceptance: String, Sendable, Hashable, CaseIterable {
    case none
    /// Each must, in version 1 or 2: what it says stands for the client's address.
    case accept
}

/// The PROXY header with which connections to a service begin.
public enum ProxyProtocolSending: String, Sendable, Hashable, CaseIterable {
    case none
    /// The line of text.
    case v1
    /// The binary form.
    case v2
}
