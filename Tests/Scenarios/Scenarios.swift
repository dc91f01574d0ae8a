import TestSupport
import Testing

/// The real `postern-proxy` between clients and services made of plain sockets.
///
/// One suite after the other, each with a process of its own, so that none waits for the machine.
@Suite(.serialized, .ownThread) enum Scenarios {
    /// A gateway that passes everything on to `backend`.
    static let relay = """
        listeners:
          - { name: public, address: "127.0.0.1:0" }
        routes:
          - { name: all, rules: [{ service: backend }] }
        services:
          - { name: backend, endpoints: [{backend}] }
        """
}
