import Primitives
import Telemetry
import Testing

@Suite struct GRPCStatusTests {
    @Test("A number that gRPC does not know, or none, is UNKNOWN")
    func parsing() {
        for (text, number) in [("0", 0), ("16", 16), ("17", 2), ("300", 2), ("", 2), ("x", 2)] {
            #expect(text.withByteView { GRPCStatus(parsing: $0) }.rawValue == UInt8(number), "\(text)")
        }
        #expect("\(GRPCStatus.deadlineExceeded.name)" == "DeadlineExceeded")
        #expect("\(GRPCStatus(rawValue: 99).name)" == "Unknown")
    }
}
