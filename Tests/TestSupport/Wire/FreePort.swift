/// A port of 127.0.0.1 that was free a moment ago, for programs that cannot choose one themselves.
public func freePort() throws -> Int { try RawSocket.freePort() }
