import Foundation
import Primitives
import TestSupport
import Testing

extension Scenarios {
    /// New certificates while clients keep asking.
    @Suite struct CertificateRotationTests {
        private static let rotations = 20

        @Test("20 new certificates fail no request, on connections that are open and on new ones")
        func rotation() throws {
            let files = try TestCertificates()
            try files.add("a", names: ["DNS:a.example"])
            // What comes into force by one rename is never half of it.
            for number in 0...Self.rotations {
                try files.add(
                    "next-\(number)", names: ["DNS:a.example"], key: number % 2 == 0 ? .rsa : .ecdsa)
                try files.join(["next-\(number).pem", "next-\(number).key"], "whole-\(number).pem")
            }
            try files.join(["a.pem", "a.key"], "whole.pem")
            let gateway = try TLSGateway(
                files, tls: "certificates: [{ certificate: {whole.pem}, key: {whole.pem} }]", workers: 2,
                logLevel: "warning")
            let clients = gateway.clients
            let answers = Lock<[String: Int]>([:])
            let isOver = Lock(false)
            let threads = DispatchGroup()
            for _ in 0..<3 {
                threads.enter()
                Thread.detachNewThread {
                    while !isOver.withLock({ $0 }) {
                        let command = [
                            "--output", "/dev/null", "--write-out", "%{http_code} ",
                        ]
                        let answer = try? clients.curl(command, path: "/[1-20]")
                        answers.withLock { all in
                            for code in (answer?.output ?? "none").split(separator: " ") {
                                all[String(code), default: 0] += 1
                            }
                        }
                    }
                    threads.leave()
                }
            }
            for number in 1...Self.rotations {
                let isInForce = try gateway.proxy.reload {
                    try files.join(["whole-\(number).pem"], "whole.pem")
                }
                #expect(isInForce)
                #expect(eventually { answers.withLock { $0.values.reduce(0, +) } > number * 20 })
            }
            isOver.withLock { $0 = true }
            threads.wait()
            #expect(answers.withLock { $0.keys.sorted() } == ["200"])
            #expect(answers.withLock { $0["200", default: 0] } > Self.rotations * 20)
        }
    }
}
