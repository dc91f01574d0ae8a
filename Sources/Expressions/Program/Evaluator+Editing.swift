internal import Primitives

extension Evaluator {
    /// Functions that make a text, or texts, of texts.
    func edit(_ function: Function, _ arguments: ValueSpan) -> Value {
        if function == .join { return self.join(arguments) }
        if function == .conditionalString {
            guard arguments[0].kind == .bool, arguments[1].kind == .string, arguments[2].kind == .string
            else {
                return .error(.noSuchOverload)
            }
            return arguments[0].boolean ? arguments[1] : arguments[2]
        }
        guard arguments[0].kind == .string else { return .error(.noSuchOverload) }
        let text = arguments[0].view
        guard self.pay(text.count / 64) else { return self.exhausted }
        self.text.reset()
        switch function {
        case .replace: return self.replace(text, arguments)
        case .split: return self.split(text, arguments)
        case .trim: return .string(text.trimmedOfSpace())
        case .lowerAscii: for index in 0..<text.count { self.text.append(asciiLowercase(text[index])) }
        case .upperAscii:
            for index in 0..<text.count {
                let byte = text[index]
                self.text.append(byte &- 0x61 < 26 ? byte & ~0x20 : byte)
            }
        case .reverse:
            var end = text.count
            while end > 0 {
                var start = end - 1
                while start > 0, end - start < 4, text[start] & 0xC0 == 0x80 { start -= 1 }
                if start + text.characterLength(at: start) != end { start = end - 1 }
                self.text.append(text[start..<end])
                end = start
            }
        default: self.quote(text)
        }
        return self.takeText()
    }

    private func join(_ arguments: ValueSpan) -> Value {
        guard arguments[0].kind == .list, arguments.count == 1 || arguments[1].kind == .string else {
            return .error(.noSuchOverload)
        }
        self.text.reset()
        let elements = arguments[0].elements
        for index in 0..<elements.count {
            guard elements[index].kind == .string else { return .error(.noSuchOverload) }
            if index > 0, arguments.count > 1 { self.text.append(arguments[1].view) }
            self.text.append(elements[index].view)
            guard self.pay(1 + elements[index].view.count / 64), self.text.count <= self.arena.rest else {
                return self.exhausted
            }
        }
        return self.takeText()
    }

    /// The number that limits a replacement or a split; less than 0 when there is none; nil when it is no
    /// int.
    private static func limit(_ arguments: ValueSpan, at index: Int) -> Int64? {
        guard arguments.count > index else { return -1 }
        return arguments[index].asInt
    }

    private func replace(_ text: ByteView, _ arguments: ValueSpan) -> Value {
        guard arguments.count >= 3, arguments[1].kind == .string, arguments[2].kind == .string,
            var rest = Self.limit(arguments, at: 3)
        else { return .error(.noSuchOverload) }
        let (wanted, replacement) = (arguments[1].view, arguments[2].view)
        var start = 0
        while rest != 0 {
            if wanted.isEmpty {
                // Before each character, and at the end.
                self.text.append(replacement)
                guard start < text.count else { break }
                let length = text.characterLength(at: start)
                self.text.append(text[start..<start + length])
                start += length
            } else {
                guard let found = text.firstRange(of: wanted, from: start) else { break }
                self.text.append(text[start..<found])
                self.text.append(replacement)
                start = found + wanted.count
            }
            if rest > 0 { rest -= 1 }
            guard self.pay(1), self.text.count <= self.arena.rest else { return self.exhausted }
        }
        if start < text.count { self.text.append(text.dropFirst(start)) }
        return self.takeText()
    }

    private func split(_ text: ByteView, _ arguments: ValueSpan) -> Value {
        guard arguments.count >= 2, arguments[1].kind == .string, let limit = Self.limit(arguments, at: 2)
        else {
            return .error(.noSuchOverload)
        }
        if limit == 0 { return Value(list: .empty) }
        let separator = arguments[1].view
        let most = limit < 0 ? Int.max : Int(limit)
        let count = min(most, self.parts(text, separator))
        guard self.pay(count), let parts = self.arena.values(count) else { return self.exhausted }
        var start = 0
        for index in 0..<count {
            var end = text.count
            if index + 1 < count {
                end =
                    separator.isEmpty
                    ? start + text.characterLength(at: start)
                    : text.firstRange(of: separator, from: start) ?? text.count
            }
            parts[index] = .string(text[start..<end])
            start = min(text.count, end + separator.count)
        }
        return Value(list: parts)
    }

    private func parts(_ text: ByteView, _ separator: ByteView) -> Int {
        if separator.isEmpty { return text.characterCount }
        var count = 1
        var start = 0
        while let found = text.firstRange(of: separator, from: start) {
            count += 1
            start = found + separator.count
        }
        return count
    }

    private func quote(_ text: ByteView) {
        self.text.append(0x22)
        var index = 0
        while index < text.count {
            let length = text.characterLength(at: index)
            switch text[index] {
            case 0x07: self.text.append("\\a")
            case 0x08: self.text.append("\\b")
            case 0x0C: self.text.append("\\f")
            case 0x0A: self.text.append("\\n")
            case 0x0D: self.text.append("\\r")
            case 0x09: self.text.append("\\t")
            case 0x0B: self.text.append("\\v")
            case 0x5C: self.text.append("\\\\")
            case 0x22: self.text.append("\\\"")
            case 0x80... where length == 1: self.text.append("\u{FFFD}")
            default: self.text.append(text[index..<index + length])
            }
            index += length
        }
        self.text.append(0x22)
    }
}

extension ByteView {
    /// Without white space (Unicode's property White_Space) at both ends.
    func trimmedOfSpace() -> ByteView {
        var start = 0
        while start < self.count, let scalar = self.scalar(at: start), Self.isSpace(scalar) {
            start += self.characterLength(at: start)
        }
        var end = self.count
        while end > start {
            var first = end - 1
            while first > start, end - first < 4, self[first] & 0xC0 == 0x80 { first -= 1 }
            guard first + self.characterLength(at: first) == end, let scalar = self.scalar(at: first),
                Self.isSpace(scalar)
            else { break }
            end = first
        }
        return self[start..<end]
    }

    private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09...0x0D, 0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028, 0x2029, 0x202F, 0x205F, 0x3000:
            true
        default: false
        }
    }
}
