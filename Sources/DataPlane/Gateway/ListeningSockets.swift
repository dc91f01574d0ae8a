internal import Reactor

/// The addresses that the process listens at; each worker has a socket of its own for each.
///
/// Opened before a snapshot goes into force, so that an address in use refuses the whole snapshot.
struct ListeningSockets {
    private let workers: Int
    /// By the address as configured, the one it was bound to: they differ for port 0.
    private(set) var addresses: [String: String] = [:]

    init(workers: Int) { self.workers = workers }

    /// Opens what `wanted` has and this does not.
    ///
    /// - Returns: For each worker, its sockets by address.
    /// - Throws: ``SocketError``; nothing stays open then.
    func open(_ wanted: [String]) throws -> [[String: Socket]] {
        var opened = Array(repeating: [String: Socket](), count: self.workers)
        do {
            for text in wanted where self.addresses[text] == nil {
                guard let address = SocketAddress(parsing: text) else { continue }
                let first = try Socket.listen(on: address, sharesPort: true)
                opened[0][text] = first
                // With port 0 the first socket has got a port, which the others share.
                let actual = first.localAddress ?? address
                for worker in 1..<max(self.workers, 1) where worker < self.workers {
                    opened[worker][text] =
                        address.family == .unix
                        ? try first.duplicate() : try Socket.listen(on: actual, sharesPort: true)
                }
            }
            return opened
        } catch {
            Self.close(opened)
            throw error
        }
    }

    /// What was opened is not wanted after all. Left open, a socket would take connections that nobody
    /// accepts.
    static func close(_ opened: [[String: Socket]]) {
        for sockets in opened { for socket in sockets.values { socket.close() } }
    }

    /// `wanted` is in force now; workers have closed the others.
    mutating func adopt(_ wanted: [String], _ opened: [String: Socket]) {
        self.addresses = self.addresses.filter { wanted.contains($0.key) }
        for (text, socket) in opened { self.addresses[text] = socket.localAddress?.description ?? text }
    }
}
