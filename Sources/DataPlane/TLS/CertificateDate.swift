internal import Glibc

/// A moment as certificates have it, `2026-11-26T03:58:00Z`.
struct CertificateDate: CustomStringConvertible {
    let description: String

    /// - Parameter seconds: Since 1970.
    init(_ seconds: Int64) {
        var moment = time_t(seconds)
        var parts = tm()
        gmtime_r(&moment, &parts)
        var text = [CChar](repeating: 0, count: 32)
        let length = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
        self.description = String(decoding: text[..<length].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
