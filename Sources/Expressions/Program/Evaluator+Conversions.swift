internal import Primitives

extension Evaluator {
    func convert(_ function: Function, _ value: Value) -> Value {
        switch function {
        case .toDyn: value
        case .toType: .typeName(of: value)
        case .toBool: Self.toBool(value)
        case .toInt: Self.toInt(value)
        case .toUInt: Self.toUInt(value)
        case .toDouble: Self.toDouble(value)
        case .toString: self.toString(value)
        case .toBytes:
            value.kind == .string || value.kind == .bytes ? .bytes(value.view) : .error(.noSuchOverload)
        case .toTimestamp: Self.toTimestamp(value)
        case .toDuration: Self.toDuration(value)
        case .base64Encode: value.kind == .bytes ? self.encodeBase64(value.view) : .error(.noSuchOverload)
        case .base64Decode: value.kind == .string ? self.decodeBase64(value.view) : .error(.noSuchOverload)
        case .toURI, .toDNSName, .toEmail: Self.checked(function, value)
        case .toMilliseconds:
            value.kind == .duration ? .int(value.integer / 1_000_000) : .error(.noSuchOverload)
        default: .error(.noSuchOverload)
        }
    }

    private static func toBool(_ value: Value) -> Value {
        switch value.kind {
        case .bool: return value
        case .string:
            for word: StaticString in ["1", "t", "T", "true", "TRUE", "True"] where value.view == word {
                return .bool(true)
            }
            for word: StaticString in ["0", "f", "F", "false", "FALSE", "False"] where value.view == word {
                return .bool(false)
            }
            return .error(.invalidArgument, value.view)
        default: return .error(.noSuchOverload)
        }
    }

    private static func toInt(_ value: Value) -> Value {
        switch value.kind {
        case .int: return value
        case .uint: return Int64(exactly: value.first).map { .int($0) } ?? .error(.outOfRange)
        case .double:
            // Both ends are left out: they are no integers' doubles for certain.
            guard value.number > -0x1p63, value.number < 0x1p63 else { return .error(.outOfRange) }
            return .int(Int64(value.number))
        case .string:
            return NumberText.signed(value.view).map { .int($0) } ?? .error(.invalidArgument, value.view)
        case .timestamp: return .int(value.seconds)
        case .duration: return .int(value.integer)
        default: return .error(.noSuchOverload)
        }
    }

    private static func toUInt(_ value: Value) -> Value {
        switch value.kind {
        case .uint: return value
        case .int: return value.integer < 0 ? .error(.outOfRange) : .uint(value.first)
        case .double:
            guard value.number >= 0, value.number < 0x1p64 else { return .error(.outOfRange) }
            return .uint(UInt64(value.number))
        case .string: return value.view.decimal().map { .uint($0) } ?? .error(.invalidArgument, value.view)
        default: return .error(.noSuchOverload)
        }
    }

    private static func toDouble(_ value: Value) -> Value {
        switch value.kind {
        case .int, .uint, .double: .double(value.asNumber)
        case .string:
            NumberText.double(value.view).map { .double($0) } ?? .error(.invalidArgument, value.view)
        default: .error(.noSuchOverload)
        }
    }

    private static func toTimestamp(_ value: Value) -> Value {
        switch value.kind {
        case .timestamp: value
        case .int: Timestamp.value(seconds: value.integer, nanoseconds: 0)
        case .string: Timestamp.parse(value.view) ?? .error(.invalidArgument, value.view)
        default: .error(.noSuchOverload)
        }
    }

    private static func toDuration(_ value: Value) -> Value {
        switch value.kind {
        case .duration: value
        case .string:
            DurationText.parse(value.view).map { .duration(nanoseconds: $0) }
                ?? .error(.invalidArgument, value.view)
        default: .error(.noSuchOverload)
        }
    }

    private func toString(_ value: Value) -> Value {
        switch value.kind {
        case .string: return value
        case .bytes:
            guard self.pay(value.view.count / 64) else { return self.exhausted }
            return value.view.isUTF8 ? .string(value.view) : .error(.invalidArgument)
        case .bool: return .string(value.boolean ? ByteView("true") : ByteView("false"))
        case .int, .uint, .double, .timestamp, .duration, .ip, .cidr:
            self.text.reset()
            value.writeScalar(to: self.text)
            return self.takeText()
        default: return .error(.noSuchOverload)
        }
    }

    // MARK: Base64

    private func encodeBase64(_ bytes: ByteView) -> Value {
        self.text.reset()
        guard self.pay(bytes.count / 64) else { return self.exhausted }
        Base64.encode(bytes, to: self.text)
        return self.takeText()
    }

    private func decodeBase64(_ text: ByteView) -> Value {
        self.text.reset()
        guard self.pay(text.count / 64) else { return self.exhausted }
        guard Base64.decode(text, to: self.text) else { return .error(.invalidArgument, text) }
        let decoded = self.takeText()
        return decoded.isError ? decoded : .bytes(decoded.view)
    }

    /// Mixer's conversions: a text that must have a form.
    private static func checked(_ function: Function, _ value: Value) -> Value {
        guard value.kind == .string else { return .error(.noSuchOverload) }
        let isValid =
            switch function {
            case .toURI: TextForm.isURI(value.view)
            case .toDNSName: TextForm.isDNSName(value.view)
            default: TextForm.isEmailAddress(value.view)
            }
        return isValid ? value : .error(.invalidArgument, value.view)
    }
}

extension Value {
    static func typeName(of value: Value) -> Value {
        let name: StaticString =
            switch value.kind {
            case .bool: "bool"
            case .int: "int"
            case .uint: "uint"
            case .double: "double"
            case .string: "string"
            case .bytes: "bytes"
            case .list: "list"
            case .map, .attributeMap: "map"
            case .type: "type"
            case .timestamp: "google.protobuf.Timestamp"
            case .duration: "google.protobuf.Duration"
            case .ip: "net.IP"
            case .cidr: "net.CIDR"
            case .null, .absent, .error: "null_type"
            }
        return Value(.type, ByteView(name))
    }

    /// Appends what `string()` gives for everything but lists and maps.
    func writeScalar(to buffer: ByteBuffer) {
        switch self.kind {
        case .bool: buffer.append(self.boolean ? ByteView("true") : ByteView("false"))
        case .int: buffer.appendSigned(self.integer)
        case .uint: buffer.appendDecimal(self.first)
        case .double: NumberText.write(self.number, to: buffer)
        case .string, .bytes, .type: buffer.append(self.view)
        case .timestamp: Timestamp.write(self, to: buffer)
        case .duration: DurationText.write(self.integer, to: buffer)
        case .ip: self.address.write(to: buffer)
        case .cidr:
            self.address.write(to: buffer)
            buffer.append(0x2F)
            buffer.appendDecimal(UInt64(self.prefixBits))
        case .null: buffer.append("null")
        case .absent, .error, .list, .map, .attributeMap: break
        }
    }
}
