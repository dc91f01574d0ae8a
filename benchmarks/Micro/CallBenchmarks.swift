internal import MicroCalls

/// One path (read seven fields, look three of them up, choose a route) twice: with types of this module, and
/// with the same types of another. Both must take the same time (docs/decisions/0001).
enum CallBenchmarks {
    static let all = [
        Benchmark(name: "calls-one-module", prepare: { Self.oneModule }),
        Benchmark(name: "calls-across-modules", prepare: { Self.acrossModules }),
    ]

    private static func oneModule(_ iterations: Int) -> UInt64 {
        let fields = CallFields(capacity: 16)
        let wanted = ["host", "user-agent", "cookie"].map { name in
            var hash = CallHash()
            for byte in name.utf8 { hash.add(byte) }
            return hash
        }
        let routes = CallRoutes(hosts: [1, 2, 3, 4, 5, 6, 7])
        var sum: UInt64 = 0
        Samples.requestHead.withUnsafeBufferPointer { head in
            for _ in 0..<iterations {
                fields.reset()
                var hash = CallHash()
                var colon = 0
                var lineStart = 0
                for index in head.indices {
                    let byte = head[index]
                    if byte == 0x0A {
                        if colon > lineStart {
                            let value = UInt32(truncatingIfNeeded: colon)
                            fields.append(nameHash: hash.value, nameLength: hash.length, value: value)
                        }
                        hash = CallHash()
                        lineStart = index + 1
                    } else if byte == 0x3A, colon <= lineStart {
                        colon = index
                    } else if colon <= lineStart {
                        hash.add(byte)
                    }
                }
                for name in wanted {
                    let value = fields.value(nameHash: name.value, nameLength: name.length)
                    sum &+= UInt64(routes.match(value))
                }
            }
        }
        return sum
    }

    private static func acrossModules(_ iterations: Int) -> UInt64 {
        let fields = MicroCalls.CallFields(capacity: 16)
        let wanted = ["host", "user-agent", "cookie"].map { name in
            var hash = MicroCalls.CallHash()
            for byte in name.utf8 { hash.add(byte) }
            return hash
        }
        let routes = MicroCalls.CallRoutes(hosts: [1, 2, 3, 4, 5, 6, 7])
        var sum: UInt64 = 0
        Samples.requestHead.withUnsafeBufferPointer { head in
            for _ in 0..<iterations {
                fields.reset()
                var hash = MicroCalls.CallHash()
                var colon = 0
                var lineStart = 0
                for index in head.indices {
                    let byte = head[index]
                    if byte == 0x0A {
                        if colon > lineStart {
                            let value = UInt32(truncatingIfNeeded: colon)
                            fields.append(nameHash: hash.value, nameLength: hash.length, value: value)
                        }
                        hash = MicroCalls.CallHash()
                        lineStart = index + 1
                    } else if byte == 0x3A, colon <= lineStart {
                        colon = index
                    } else if colon <= lineStart {
                        hash.add(byte)
                    }
                }
                for name in wanted {
                    let value = fields.value(nameHash: name.value, nameLength: name.length)
                    sum &+= UInt64(routes.match(value))
                }
            }
        }
        return sum
    }
}
