extension ConfigShape where Value == RetryPolicy {
    static var retry: Self {
        .object(
            RetryPolicy(),
            [
                .key(
                    "attempts", \.attempts, .integer(1...10),
                    "How many times a request may be sent in all, the first included."),
                .key(
                    "perTryTimeout", \.perTryTimeout, ConfigShape<Duration>.timeout.optional,
                    "The longest wait of one attempt for the head of its response."),
                .key(
                    "retryOn", \.retryOn, .list(of: .word(), atLeast: 1, unique: \.rawValue),
                    "What makes an attempt fail."),
            ]
        )
    }
}
