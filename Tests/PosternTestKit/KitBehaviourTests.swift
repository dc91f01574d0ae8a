import BehaviourFilter
import PosternTestKit
import Testing

/// The behaviours on the kit.
@Suite struct KitBehaviourTests {
    @Test("A filter is seen to do on the kit what it does in a gateway", arguments: Behaviour.all)
    func behaves(_ behaviour: Behaviour) throws {
        let host = TestHost()
        let filter = try host.configure(BehaviourFilter.self, #"{ "service": "called" }"#)
        let exchange = filter.send(behaviour.request)
        if let callout = host.callouts.first {
            #expect(callout.service == "called" && callout.request.authority == "called")
            #expect(callout.request.method == "POST" && callout.request.body.text == "who")
            #expect(callout.request.headers["x-asked"] == "yes")
            if case .answers(let answer) = behaviour.called { host.answer(answer) }
        }
        host.run()
        host.advance(by: .milliseconds(200))
        exchange.answer(behaviour.service)
        host.advance(by: .milliseconds(200))
        behaviour.check(
            Behaviour.Seen(
                forwarded: exchange.forwarded, response: exchange.response, details: exchange.details))
        #expect(exchange.isOver && host.pendingCount == 0)
        #expect(host.metric("behaviours_total") == 1)
        #expect(host.log.last?.message.hasPrefix("complete /") == true)
    }
}
