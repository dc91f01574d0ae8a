internal import Filtering
internal import Primitives

/// Fields that `Connection` names and that so end at this hop (RFC 9110, 7.6.1).
enum ConnectionOptions {
    /// More names than any real peer sends; bounds the work.
    static let maximum = 32

    /// Takes every field that `Connection` names out of the block.
    ///
    /// - Returns: An error when it names a field without which the message means something else.
    @inline(never)
    static func removeNamed(_ block: HeaderBlock) -> HTTPError? {
        var count = 0
        var index = block.firstIndex(of: .connection)
        while let at = index {
            let place = block[at]
            var options = ListElements(block.value(place))
            while let option = options.next() {
                count += 1
                guard count <= Self.maximum, HeaderSyntax.isName(option) else { return .badConnectionOption }
                switch HeaderID.of(option) {
                case .host, .contentLength, .transferEncoding, .connection: return .badConnectionOption
                // Known by number to end at this hop, and read after this.
                case .keepAlive, .proxyConnection, .upgrade, .te, .http2Settings, .trailer: continue
                // A client must not strip what proxies before this one said about it.
                case .xForwardedFor, .xForwardedProto, .xForwardedHost: continue
                default: block.removeAll(named: option)
                }
            }
            // Fields before this one may be gone: find it again by where it lies.
            var next = block.firstIndex(of: .connection)
            while let candidate = next, block[candidate].nameStart <= place.nameStart {
                next = block.firstIndex(of: .connection, from: candidate + 1)
            }
            index = next
        }
        return nil
    }
}

/// The `Upgrade` field (RFC 9110, 7.8).
enum UpgradeField {
    /// The first protocol that the block's fields name and `tokens` has.
    static func firstListed(in block: HeaderBlock, of tokens: [[UInt8]]) -> (token: ByteView, index: Int)? {
        var index = block.firstIndex(of: .upgrade)
        while let at = index {
            var protocols = ListElements(block.value(block[at]))
            while let name = protocols.next() {
                for (number, token) in tokens.enumerated()
                where token.withByteView({ $0.equalsIgnoringCase(name) }) {
                    return (name, number)
                }
            }
            index = block.firstIndex(of: .upgrade, from: at + 1)
        }
        return nil
    }
}
