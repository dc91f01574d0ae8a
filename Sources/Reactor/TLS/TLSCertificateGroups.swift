/// Which certificates serve which name: several when their keys are of different types, so that the client's
/// algorithms decide.
struct TLSCertificateGroups: Equatable {
    /// Indices into the list of certificates. The first group is for clients whose name nobody serves.
    private(set) var groups: [[Int]] = []
    /// In the order in which the certificates name them.
    private(set) var names: [(name: String, group: Int)] = []

    /// - Parameter certificates: The names of each, in lower case, and the type of its key.
    init(_ certificates: [(names: [String], keyType: String)]) {
        var order: [String] = []
        var serving: [String: [Int]] = [:]
        for (index, certificate) in certificates.enumerated() {
            for name in certificate.names {
                guard let others = serving[name] else {
                    order.append(name)
                    serving[name] = [index]
                    continue
                }
                // Of two with keys of one type the first serves.
                if others.contains(where: { certificates[$0].keyType == certificate.keyType }) { continue }
                serving[name] = others + [index]
            }
        }
        // Beside the first certificate: whoever serves its first name, too.
        let beside = certificates.first?.names.first.flatMap { serving[$0] } ?? [0]
        self.groups = certificates.isEmpty ? [] : [beside]
        for name in order {
            guard let members = serving[name] else { continue }
            if let known = self.groups.firstIndex(of: members) {
                self.names.append((name, known))
            } else {
                self.names.append((name, self.groups.count))
                self.groups.append(members)
            }
        }
    }

    static func == (a: Self, b: Self) -> Bool {
        a.groups == b.groups && a.names.elementsEqual(b.names, by: ==)
    }
}
