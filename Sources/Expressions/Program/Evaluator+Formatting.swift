public import Primitives

/// `string.format(list)`: `%[.precision]` and one of `s d f e x X o b`.
extension Evaluator {
    func format(_ arguments: ValueSpan) -> Value {
        guard arguments.count == 2, arguments[0].kind == .string, arguments[1].kind == .list else {
            return .error(.noSuchOverload)
        }
        let (pattern, values) = (arguments[0].view, arguments[1].elements)
        self.text.reset()
        var next = 0
        var index = 0
        while index < pattern.count {
            let byte = pattern[index]
            index += 1
            if byte != 0x25 {
                self.text.append(byte)
                continue
            }
            if index < pattern.count, pattern[index] == 0x25 {
                self.text.append(0x25)
                index += 1
                continue
            }
            guard let clause = FormatClause(pattern, &index) else { return .error(.invalidArgument, pattern) }
            guard next < values.count else { return .error(.indexOutOfRange) }
            if let failure = self.write(clause, values[next]) { return failure }
            next += 1
            guard self.text.count <= self.arena.rest else { return self.exhausted }
        }
        return self.takeText()
    }

    /// Appends a value as text.
    ///
    /// - Returns: Whether all of it was written: false for an error and when it needs too many steps.
    @discardableResult
    public func write(_ value: Value, to buffer: ByteBuffer) -> Bool {
        guard value.kind == .list || value.kind == .map else {
            value.writeScalar(to: buffer)
            return value.kind != .error
        }
        self.text.reset()
        let isWhole = self.write(value, depth: 0)
        buffer.append(self.text.view)
        return isWhole
    }

    /// Appends one value; an error when the clause does not take it.
    private func write(_ clause: FormatClause, _ value: Value) -> Value? {
        switch clause.conversion {
        case 0x73:
            return self.write(value, depth: 0)
                ? nil : self.isExhausted ? self.exhausted : .error(.noSuchOverload)
        case 0x64: return self.writeDecimal(value)
        case 0x66, 0x65: return self.writeFloat(value, clause)
        case 0x6F: return self.write(value, radix: 8, isUpper: false)
        case 0x62:
            if value.kind == .bool {
                self.text.append(value.boolean ? 0x31 : 0x30)
                return nil
            }
            return self.write(value, radix: 2, isUpper: false)
        default:
            let isUpper = clause.conversion == 0x58
            guard value.kind == .string || value.kind == .bytes else {
                return self.write(value, radix: 16, isUpper: isUpper)
            }
            for index in 0..<value.view.count {
                self.writeDigit(Int(value.view[index] >> 4), isUpper)
                self.writeDigit(Int(value.view[index] & 15), isUpper)
            }
            return nil
        }
    }

    private func writeDigit(_ digit: Int, _ isUpper: Bool) {
        self.text.append(UInt8(digit < 10 ? 0x30 + digit : (isUpper ? 0x37 : 0x57) + digit))
    }

    private func writeDecimal(_ value: Value) -> Value? {
        switch value.kind {
        case .int, .uint: value.writeScalar(to: self.text)
        case .double: NumberText.writePlain(value.number, to: self.text)
        default: return .error(.invalidArgument)
        }
        return nil
    }

    private func writeFloat(_ value: Value, _ clause: FormatClause) -> Value? {
        guard value.isNumber else { return .error(.invalidArgument) }
        let number = value.asNumber
        guard number.isFinite else {
            NumberText.writeSpecial(number, to: self.text)
            return nil
        }
        FloatText.write(
            number, precision: clause.precision, isScientific: clause.conversion == 0x65, to: self.text)
        return nil
    }

    private func write(_ value: Value, radix: UInt64, isUpper: Bool) -> Value? {
        var rest: UInt64
        switch value.kind {
        case .int:
            if value.integer < 0 { self.text.append(0x2D) }
            rest = value.integer.magnitude
        case .uint: rest = value.first
        default: return .error(.invalidArgument)
        }
        var divisor: UInt64 = 1
        while rest / divisor >= radix { divisor *= radix }
        while divisor > 0 {
            self.writeDigit(Int(rest / divisor), isUpper)
            rest %= divisor
            divisor /= radix
        }
        return nil
    }

    /// Appends what `%s` gives.
    ///
    /// - Returns: Whether there is a text for the value, and enough steps and memory.
    private func write(_ value: Value, depth: Int) -> Bool {
        guard self.pay(1), depth < Parser.depthLimit, self.text.count <= self.arena.rest else { return false }
        switch value.kind {
        case .list:
            self.text.append(0x5B)
            for index in 0..<value.elements.count {
                if index > 0 { self.text.append(", ") }
                guard self.write(value.elements[index], depth: depth + 1) else { return false }
            }
            self.text.append(0x5D)
        case .map: return self.writeMap(value, depth)
        case .double: NumberText.writePlain(value.number, to: self.text)
        case .bytes: self.writeReplacing(value.view)
        case .absent, .error, .attributeMap: return false
        default: value.writeScalar(to: self.text)
        }
        return true
    }

    /// Entries in the order of their keys' texts.
    private func writeMap(_ map: Value, _ depth: Int) -> Bool {
        let pairs = map.pairs
        let count = pairs.count / 2
        guard self.pay(count), let texts = self.arena.values(count), let order = self.arena.values(count)
        else {
            return false
        }
        for index in 0..<count {
            let start = self.text.writeIndex
            guard self.write(pairs[index * 2], depth: depth + 1),
                let copy = self.arena.copy(self.text.view.dropFirst(start - self.text.readIndex))
            else { return false }
            self.text.writeIndex = start
            texts[index] = .string(copy)
            order[index] = .int(Int64(index))
        }
        guard self.sort(order, by: texts) else { return false }
        self.text.append(0x7B)
        for place in 0..<count {
            let index = Int(order[place].integer)
            if place > 0 { self.text.append(", ") }
            self.text.append(texts[index].view)
            self.text.append(": ")
            guard self.write(pairs[index * 2 + 1], depth: depth + 1) else { return false }
        }
        self.text.append(0x7D)
        return true
    }

    /// Puts places in the order of the texts there (Shell's sort, in place).
    private func sort(_ order: ValueSpan, by texts: ValueSpan) -> Bool {
        var gap = order.count / 2
        while gap > 0 {
            for start in gap..<order.count {
                let moving = order[start]
                var place = start
                while place >= gap {
                    let before = order[place - gap]
                    guard self.pay(1) else { return false }
                    if texts[Int(before.integer)].view.compare(texts[Int(moving.integer)].view) <= 0 { break }
                    order[place] = before
                    place -= gap
                }
                order[place] = moving
            }
            gap /= 2
        }
        return true
    }

    /// A run of bytes that is no UTF-8 becomes one replacement character.
    private func writeReplacing(_ bytes: ByteView) {
        var index = 0
        var isBroken = false
        while index < bytes.count {
            let length = bytes.characterLength(at: index)
            if length == 1, bytes[index] >= 0x80 {
                if !isBroken { self.text.append("\u{FFFD}") }
                isBroken = true
            } else {
                isBroken = false
                self.text.append(bytes[index..<index + length])
            }
            index += length
        }
    }
}
