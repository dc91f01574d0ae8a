import PluginSupport
import Testing

@Suite struct GlobTests {
    @Test(
        "A star is any text, anywhere",
        arguments: [
            ("a", "a", true), ("a", "ab", false), ("*", "", true), ("*", "a/b", true), ("a*", "a", true),
            ("a*", "ba", false), ("*a", "ba", true), ("*a", "ab", false), ("a*a", "a", false),
            ("a*a", "aa", true), ("a*b*c", "a-bb-c", true), ("a*b*c", "a-c-b", false), ("**", "x", true),
            ("*ab*ab*", "aab-aab", true), ("*ab*ab*", "aab", false), ("", "", true), ("", "x", false),
        ])
    func matches(pattern: String, text: String, fits: Bool) {
        #expect(Glob(pattern).matches(Array(text.utf8).span) == fits)
    }
}
