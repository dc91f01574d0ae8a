internal import Primitives

extension ConfigShape where Value == HTTP2Options {
    static var http2: Self {
        Self.object(
            HTTP2Options(),
            [
                .key(
                    "maxConcurrentStreams", \.maxConcurrentStreams, .integer(1...65535),
                    "The most streams open at once on one connection."),
                .key(
                    "streamWindow", \.streamWindow, .byteCount(.kibibytes(64)...(.mebibytes(16))),
                    "How much of a body the peer may send ahead on one stream."),
                .key(
                    "connectionWindow", \.connectionWindow, .byteCount(.kibibytes(64)...(.mebibytes(256))),
                    "How much the peer may send ahead on one connection. Of a client it includes what a slow "
                        + "service has not taken, of a service not what slow clients have not."),
                .key(
                    "keepAliveInterval", \.keepAliveInterval, ConfigShape<Duration>.timeout.optional,
                    "After how long a silence the peer is asked by PING; never when absent."),
                .key(
                    "keepAliveTimeout", \.keepAliveTimeout, .timeout,
                    "How long the peer may take to answer that."),
                .key("floodLimits", \.floodLimits, .http2Flood, "What ends a connection that floods."),
            ]
        ).checked { options, node, reading in
            if options.streamWindow > options.connectionWindow {
                let most = options.connectionWindow
                reading.problem(
                    node["streamWindow"] ?? node,
                    "`streamWindow` must be at most `connectionWindow`, \(most), got \(options.streamWindow)")
            }
        }
    }
}

extension ConfigShape where Value == HTTP2FloodOptions {
    fileprivate static var http2Flood: Self {
        .object(
            HTTP2FloodOptions(),
            [
                .key(
                    "controlFrames", \.controlFrames, .integer(10...1_000_000),
                    "Frames that do nothing, until useful ones or time make up for them."),
                .key(
                    "resets", \.resets, .integer(1...1_000_000),
                    "Streams that are reset before they were of use, until others or time make up for them."),
                .key(
                    "continuations", \.continuations, .integer(1...65535),
                    "CONTINUATION frames of one head."),
                .key(
                    "unreadReplies", \.unreadReplies, .byteCount(.kibibytes(1)...(.mebibytes(16))),
                    "Replies to frames that wait for a peer that does not read."),
            ]
        )
    }
}
