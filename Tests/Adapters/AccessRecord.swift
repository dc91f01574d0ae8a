import PosternSDK
import PosternTestKit

/// A log entry as the gateway's access log has it: twenty columns beside severity and timestamp.
enum AccessRecord {
    static let line = """
        [{start_time}] "{method} {path} {protocol}" {response_code} {response_flags} {bytes_received} \
        {bytes_sent} {duration} {upstream_service_time} "{x_forwarded_for}" "{user_agent}" "{request_id}" \
        "{authority}" "{upstream_host}"
        """

    static func make(_ number: Int = 0, path: String = "/api/reviews?page=2") -> TestRecord {
        let time = 1_700_000_000_123_456_789 + Int64(number) * 1_000_000
        return .logEntry(
            time: time,
            [
                "start_time": .timestamp(time),
                "method": .string("GET"), "path": .string(path), "protocol": .string("HTTP/1.1"),
                "response_code": .int64(200), "response_flags": .absent,
                "response_code_details": .string("via_upstream"), "bytes_received": .int64(0),
                "bytes_sent": .int64(Int64(100 + number)), "duration": .int64(3),
                "upstream_service_time": .int64(2), "x_forwarded_for": .string("203.0.113.7"),
                "user_agent": .string("curl/7.88.1"),
                "request_id": .string("0b7c2bd8-5c3e-4dd3-8d0a-4f4c6f1f7f3b"),
                "authority": .string("reviews.example.com"), "upstream_host": .string("127.0.0.1:9001"),
                "upstream_cluster": .string("reviews-v1"),
                "downstream_remote_address": .ipAddress([203, 0, 113, 7]),
                "route_name": .string("reviews"), "listener_name": .string("public"),
            ])
    }
}
