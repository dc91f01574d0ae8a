internal import Reactor

/// The addresses that the process listens at; each worker has a socket of its own for each.
///
/// Opened before a snapshot goes into force, so that an address in use refuses the whole snapshot.
struct ListeningSockets {
    private let workers: Int
    /// By the listener's place, the address that it was bound to: it has another port than 0.
    private(set) var addresses: [String: String] = [:]

    init(workers: Int) { self.workers = workers }

    /// Opens what `wanted` has and this does not.
    ///
    /// - Returns: For each worker, its sockets by ``ListenerPlan/place``.
    /// - Throws: ``SocketError``; nothing stays open then.
    func open(_ wanted: [ListenerPlan]) throws -> [[String: Socket]] {
        var opened = Array(repeating: [String: Socket](), count: self.workers)
        do {
            for listener in wanted where self.addresses[listener.place] == nil {
                guard let address = SocketAddress(parsing: listener.address) else { continue }
                let first = try Socket.listen(on: address, sharesPort: true)
                opened[0][listener.place] = first
                // With port 0 the first socket has got a port, which the others share.
                let actual = first.localAddress ?? address
                for worker in 1..<max(self.workers, 1) where worker < self.workers {
                    opened[worker][listener.place] =
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
    mutating func adopt(_ wanted: [ListenerPlan], _ opened: [String: Socket]) {
        let places = Set(wanted.map(\.place))
        self.addresses = self.addresses.filter { places.contains($0.key) }
        for listener in wanted {
            guard let socket = opened[listener.place] else { continue }
            self.addresses[listener.place] = socket.localAddress?.description ?? listener.address
        }
    }
}
