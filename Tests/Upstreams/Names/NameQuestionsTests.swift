import Reactor
import Testing

@testable import Upstreams

@Suite struct NameQuestionsTests {
    private let one = DNSAnswer.found([.ipv4(0x0A00_0001)], ttl: 30)
    private let six = DNSAnswer.found([.ipv6(high: 1, low: 1)], ttl: 20)

    private func questions(_ name: String, dots: Int = 1, families: [AddressFamily] = [.ipv6, .ipv4])
        -> NameQuestions
    {
        NameQuestions(name, families: families, searchDomains: ["x.internal", "internal"], dots: dots)
    }

    private func expect(
        _ action: NameQuestions.Action, _ expected: NameQuestions.Action,
        sourceLocation: SourceLocation = #_sourceLocation
    ) { #expect(action == expected, sourceLocation: sourceLocation) }

    @Test(
        "A name is tried in the search domains and as it is, the way its dots say",
        arguments: [
            ("reviews", 1, ["reviews.x.internal", "reviews.internal", "reviews"]),
            ("reviews.y", 1, ["reviews.y", "reviews.y.x.internal", "reviews.y.internal"]),
            ("reviews.y", 5, ["reviews.y.x.internal", "reviews.y.internal", "reviews.y"]),
            ("reviews.", 5, ["reviews"]),
        ])
    func candidates(name: String, dots: Int, expected: [String]) {
        var questions = self.questions(name, dots: dots)
        var asked: [String] = []
        var action = questions.begin()
        while case .ask(let candidate) = action {
            asked.append(candidate)
            self.expect(questions.answered(.ipv4, .noName), .wait)
            action = questions.answered(.ipv6, .noName)
        }
        #expect(asked == expected)
        #expect(
            action == .done(FamilyAnswers(ipv4: FamilyAnswers.Answer.none, ipv6: FamilyAnswers.Answer.none)))
    }

    @Test("Both families come from the first candidate that has one of them")
    func sameName() {
        var questions = self.questions("reviews")
        self.expect(questions.begin(), .ask("reviews.x.internal"))
        self.expect(questions.answered(.ipv6, .noName), .wait)
        self.expect(
            questions.answered(.ipv4, self.one),
            .done(
                FamilyAnswers(ipv4: .found([.ipv4(0x0A00_0001)], ttl: 30), ipv6: FamilyAnswers.Answer.none)))
    }

    @Test("When nobody can tell about a candidate, the later ones are not asked for")
    func failure() {
        var questions = self.questions("reviews")
        _ = questions.begin()
        _ = questions.answered(.ipv6, .noName)
        let action = questions.answered(.ipv4, .failed("Timeout"))
        #expect(
            action == .done(FamilyAnswers(ipv4: .failed("Timeout"), ipv6: FamilyAnswers.Answer.none)))
    }

    @Test("One family that fails does not spoil the other")
    func partial() {
        var questions = self.questions("reviews.")
        _ = questions.begin()
        _ = questions.answered(.ipv4, .failed("Timeout"))
        guard case .done(let answers) = questions.answered(.ipv6, self.six) else {
            Issue.record("not done")
            return
        }
        #expect(answers.hasAddresses)
        #expect(answers.failure == "Timeout")
        #expect(answers.ttl == 20)
    }

    @Test("Addresses that nobody can connect to are left out, and an answer of no others is none")
    func unusable() {
        var questions = self.questions("a.", families: [.ipv4])
        _ = questions.begin()
        self.expect(
            questions.answered(.ipv4, .found([.ipv4(0), .ipv4(0xE000_0001)], ttl: 5)),
            .done(FamilyAnswers(ipv4: FamilyAnswers.Answer.none)))
    }
}
