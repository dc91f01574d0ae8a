internal import PosternSDK

/// The graph as one JSON object: when, over which time, and the edges.
func graphJSON(_ edges: [EdgeGraph.Numbers], span: Double, window: Int64, now: Int64) -> [UInt8] {
    var out = Array(#"{"time":""#.utf8)
    Timestamp(nanoseconds: now).append(to: &out)
    out.append(contentsOf: #"","window":""#.utf8)
    out.append(duration: window)
    out.append(contentsOf: #"","edges":["#.utf8)
    for (index, edge) in edges.enumerated() {
        if index > 0 { out.append(UInt8(ascii: ",")) }
        append(edge, span, to: &out)
    }
    out.append(contentsOf: "]}\n".utf8)
    return out
}

private func append(_ edge: EdgeGraph.Numbers, _ span: Double, to out: inout [UInt8]) {
    out.append(contentsOf: #"{"source":"#.utf8)
    append(edge.key.source, to: &out)
    out.append(contentsOf: #","destination":"#.utf8)
    append(edge.key.destination, to: &out)
    for (name, text) in [
        ("service", edge.key.service), ("contextProtocol", edge.key.contextProtocol),
        ("apiProtocol", edge.key.apiProtocol),
    ] where !text.isEmpty {
        out.append(contentsOf: ",\"\(name)\":".utf8)
        out.append(jsonString: Array(text.utf8).span)
    }
    let rate = (Double(edge.requests) / span * 1000).rounded() / 1000
    let share = (Double(edge.errors) / Double(max(edge.requests, 1)) * 10_000).rounded() / 10_000
    out.append(
        contentsOf: """
            ,"requests":\(edge.requests),"rate":\(rate),"errors":\(edge.errors),"errorRate":\(share),\
            "clientErrors":\(edge.clientErrors)
            """.utf8)
    if let median = edge.latencies.microseconds(at: 0.5), let p90 = edge.latencies.microseconds(at: 0.9),
        let p99 = edge.latencies.microseconds(at: 0.99)
    {
        out.append(
            contentsOf: """
                ,"latency":{"p50":\(milliseconds(median)),"p90":\(milliseconds(p90)),\
                "p99":\(milliseconds(p99))}
                """.utf8)
    }
    out.append(contentsOf: #","lastSeen":""#.utf8)
    Timestamp(nanoseconds: edge.lastSeen).append(to: &out)
    out.append(contentsOf: #""}"#.utf8)
}

private func append(_ end: EdgeEnd, to out: inout [UInt8]) {
    out.append(UInt8(ascii: "{"))
    var isFirst = true
    for (name, text) in [
        ("uid", end.uid), ("owner", end.owner), ("workload", end.workload), ("namespace", end.namespace),
    ] where !text.isEmpty {
        out.append(contentsOf: "\(isFirst ? "" : ",")\"\(name)\":".utf8)
        out.append(jsonString: Array(text.utf8).span)
        isFirst = false
    }
    out.append(UInt8(ascii: "}"))
}

private func milliseconds(_ microseconds: Int64) -> Double { Double(microseconds) / 1000 }
