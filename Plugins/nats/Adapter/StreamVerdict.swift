internal import PosternSDK

/// What JetStream says of a message.
struct StreamVerdict {
    enum Outcome {
        case stored
        /// It never will be.
        case refused(String)
        /// It may be later.
        case failed(String)
    }

    /// Of the record in its batch.
    let index: Int
    let outcome: Outcome

    init(index: Int, header: [UInt8], payload: [UInt8]) {
        self.index = index
        if header.starts(with: "NATS/1.0 503".utf8) {
            self.outcome = .failed("no stream takes the subject")
            return
        }
        guard let answer = try? JSONValue(parsing: payload) else {
            self.outcome = .failed("a stream answers with no JSON")
            return
        }
        guard let error = answer["error"] else {
            self.outcome =
                answer["seq"]?.number == nil ? .failed("a stream answers without a number") : .stored
            return
        }
        let why = error["description"]?.text ?? "a stream says no more than 'error'"
        // JSStreamMessageExceedsMaximumErr; headers or a subject that a stream does not take are not sent.
        self.outcome = error["err_code"]?.number == 10_054 ? .refused(why) : .failed(why)
    }
}
