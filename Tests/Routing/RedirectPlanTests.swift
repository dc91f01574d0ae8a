import Filtering
import GatewayConfig
import Primitives
import Routing
import Testing

@Suite struct RedirectPlanTests {
    func location(_ redirect: Redirect, _ target: String = "/a?b", host: String = "x.com:8080") -> String {
        let output = ByteBuffer(capacity: 16)
        let request = makeRequest(target, host: host)
        RedirectPlan(redirect, of: .prefix("/a")).writeLocation(for: request, to: output)
        return output.view.string
    }

    @Test("What is not given stays as the client asked for it")
    func unchanged() {
        #expect(self.location(Redirect()) == "http://x.com:8080/a?b")
        #expect(self.location(Redirect(host: "y.com")) == "http://y.com/a?b")
        #expect(self.location(Redirect(path: .replacePrefix("/n"))) == "http://x.com:8080/n?b")
        #expect(self.location(Redirect(path: .replaceFull("/f"))) == "http://x.com:8080/f?b")
        #expect(self.location(Redirect(), "*") == "http://x.com:8080/")
        #expect(RedirectPlan(Redirect(status: 308), of: nil).status == 308)
    }

    @Test("Another scheme comes with its own port, the same scheme with the request's")
    func scheme() {
        #expect(self.location(Redirect(scheme: "https")) == "https://x.com/a?b")
        #expect(self.location(Redirect(scheme: "http")) == "http://x.com:8080/a?b")
        #expect(self.location(Redirect(scheme: "https"), host: "[::1]:8080") == "https://[::1]/a?b")
    }

    @Test("A configured port is written unless it is the scheme's own")
    func port() {
        #expect(self.location(Redirect(port: 81)) == "http://x.com:81/a?b")
        #expect(self.location(Redirect(port: 80)) == "http://x.com/a?b")
        #expect(self.location(Redirect(scheme: "https", port: 443)) == "https://x.com/a?b")
        #expect(self.location(Redirect(scheme: "https", host: "y", port: 80)) == "https://y:80/a?b")
    }
}
