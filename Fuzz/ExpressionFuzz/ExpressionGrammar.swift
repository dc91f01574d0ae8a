/// Makes expressions of bytes: each byte chooses a form, and what stands in its holes.
struct ExpressionGrammar {
    private static let depthLimit = 6
    private static let leaves = [
        "1", "0", "-1", "2u", "1.5", "true", "false", "null", "'a'", "'\\u00e9'", "b'\\xff'", "''", "[]",
        "{}", "a",
        "a.b", "m", "m.k", "m['k']", "d", "t", "u", "i", "x", "gone", "v", "w", "int", "'%s'", "'UTC'",
        "9223372036854775807", "1e300", "'10.0.0.0/8'", "'2026-01-02T03:04:05Z'", "'90s'", "dyn(1)",
        "type(a)",
        "[1, 2, 3]", "{'k': 1, 2: 'v'}", "'(a+)+b'", "'Europe/Paris'",
    ]
    /// A `_` is a hole.
    private static let forms = [
        "_ + _", "_ - _", "_ * _", "_ / _", "_ % _", "_ == _", "_ != _", "_ < _", "_ >= _", "_ && _",
        "_ || _", "!_",
        "-_", "_ ? _ : _", "_ in _", "_[_]", "_.k", "has(_.k)", "[_, _]", "{_: _}", "_.map(v, _)",
        "_.filter(v, _)",
        "_.all(v, _)", "_.exists(v, w, _)", "_.transformMap(v, w, _)",
        "_.transformMapEntry(v, w, {_: _})", "_.transformList(v, w, _, _)", "cel.bind(v, _, _)", "size(_)",
        "string(_)", "int(_)", "double(_)", "bytes(_)", "timestamp(_)", "duration(_)", "dyn(_)", "type(_)",
        "_.contains(_)", "_.startsWith(_)", "_.matches(_)", "_.split(_)", "_.join(_)", "_.replace(_, _)",
        "_.substring(_, _)", "_.indexOf(_, _)", "_.lastIndexOf(_)", "_.charAt(_)", "_.trim()", "_.reverse()",
        "_.format(_)", "_.format([_, _])", "strings.quote(_)", "_.getHours(_)", "_.getFullYear()",
        "math.greatest(_, _)",
        "math.least(_)", "math.round(_)", "math.bitShiftLeft(_, _)", "math.abs(_)", "base64.decode(_)",
        "base64.encode(_)", "ip(_)", "cidr(_)", "_.containsIP(_)", "_.isLoopback()", "match(_, _)", "_ | _",
        "conditionalString(_, _, _)", "google.protobuf.Int32Value{value: _}",
        "google.protobuf.Value{list_value: _}",
    ]

    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    private mutating func next() -> Int {
        guard self.index < self.bytes.count else { return 0 }
        self.index += 1
        return Int(self.bytes[self.index - 1])
    }

    mutating func expression(_ depth: Int) -> String {
        let choice = self.next()
        guard depth < Self.depthLimit, self.index < self.bytes.count, choice >= 64 else {
            return Self.leaves[choice % Self.leaves.count]
        }
        let form = Self.forms[(choice - 64) % Self.forms.count]
        var text = ""
        for character in form {
            if character == "_" { text += "(\(self.expression(depth + 1)))" } else { text.append(character) }
        }
        return text
    }
}
