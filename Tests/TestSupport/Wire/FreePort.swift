/// A port of 127.0.0.1 that was free a moment ago, for programs that cannot choose one themselves.
public func freePort() throws -> Int {
    let listener = try RawSocket.listen(at: "127.0.0.1:0")
    return Int(listener.localAddress.split(separator: ":").last ?? "") ?? 0
}
