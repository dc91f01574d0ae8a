internal import Filtering
internal import Primitives

/// Reads field lines up to the empty one, in place, and can go on where it stopped.
///
/// Offsets that it stores in the block are those in the bytes given; the caller copies these bytes to the
/// arena's start. Every byte is looked at a bounded number of times however the bytes arrive: a line that was
/// cut is read again only when its LF is there.
struct FieldSection {
    enum Outcome {
        /// The empty line was read; the section ends before this offset.
        case end(Int)
        case incomplete
        case failed(HTTPError)
    }

    /// Where the first line that was not taken begins.
    var lineStart = 0
    /// Up to where that line was searched for LF; 0 when it was not.
    var searched = 0
    var framing = FramingFields()
    /// In trailers no field frames the message.
    var isTrailers = false
    /// Where a line that is not in the block ended; a continuation of that one has no field to go to.
    private var droppedUpTo = 0
    /// A value goes on over a line end, which must be blanked in the copy.
    var hasFold = false

    /// Whether the line at `lineStart` may be read: always, but once it was found to be cut only with its LF.
    @inline(__always)
    mutating func isLineReady(_ bytes: ByteView) -> Bool {
        if self.searched == 0 { return true }
        return self.searchOn(bytes)
    }

    @inline(never)
    private mutating func searchOn(_ bytes: ByteView) -> Bool {
        if bytes.dropFirst(self.searched).firstIndex(of: ASCII.lineFeed) == nil {
            self.searched = bytes.count
            return false
        }
        self.searched = 0
        return true
    }

    /// What a line that cannot be read means: a fault if it is whole, and to wait for more if not.
    ///
    /// So the outcome does not depend on where the bytes were split.
    @inline(never)
    mutating func stop(_ bytes: ByteView, at lineStart: Int, _ error: HTTPError) -> Outcome {
        self.lineStart = lineStart
        self.searched = bytes.count
        return bytes.dropFirst(lineStart).firstIndex(of: ASCII.lineFeed) == nil ? .incomplete : .failed(error)
    }

    mutating func read(_ bytes: ByteView, into block: HeaderBlock, maximum: Int, isRequest: Bool) -> Outcome {
        guard self.isLineReady(bytes) else { return .incomplete }
        var line = self.lineStart
        while true {
            guard line < bytes.count else { return self.stop(bytes, at: line, .bareLineEnd) }
            let first = bytes[line]
            if first == ASCII.carriageReturn {
                guard line &+ 1 < bytes.count, bytes[line &+ 1] == ASCII.lineFeed else {
                    return self.stop(bytes, at: line, .bareLineEnd)
                }
                return .end(line &+ 2)
            }
            let colon = ByteScan.colon(bytes, from: line)
            if colon == bytes.count {
                let outcome = self.readOddLine(bytes, at: line, ByteView.empty, block, isRequest: isRequest)
                guard case .end(let next) = outcome else { return outcome }
                line = next
                continue
            }
            let name = bytes.slice(from: line, to: colon)
            let id = HeaderID.of(name)
            if id == .other, !HeaderSyntax.isName(name) {
                let outcome = self.readOddLine(bytes, at: line, name, block, isRequest: isRequest)
                guard case .end(let next) = outcome else { return outcome }
                line = next
                continue
            }

            var start = colon &+ 1
            if start < bytes.count, bytes[start] == ASCII.space { start &+= 1 }
            while start < bytes.count, bytes[start] <= ASCII.space, ASCII.isBlank(bytes[start]) {
                start &+= 1
            }
            let lineEnd = ByteScan.control(bytes, from: start)
            guard lineEnd &+ 1 < bytes.count, bytes[lineEnd] == ASCII.carriageReturn,
                bytes[lineEnd &+ 1] == ASCII.lineFeed
            else {
                return self.stop(bytes, at: line, Self.fault(inValue: bytes, at: lineEnd))
            }
            var end = lineEnd
            while end > start, bytes[end &- 1] <= ASCII.space, ASCII.isBlank(bytes[end &- 1]) { end &-= 1 }

            guard block.count < maximum else { return self.stop(bytes, at: line, .tooManyFields) }
            var field = HeaderField(
                nameStart: line, nameLength: name.count, valueStart: start, valueLength: end &- start, id: id,
                isVerbatim: end == lineEnd
            )
            line = lineEnd &+ 2
            // The numbers of the fields that frame a message are the lowest.
            if id.rawValue &- 1 < HeaderID.expect.rawValue, !self.isTrailers {
                switch self.framing.take(
                    id, bytes.slice(from: start, to: end), at: start, isRequest: isRequest)
                {
                case .keep: break
                case .drop:
                    self.droppedUpTo = line
                    continue
                case .shorten(let count):
                    field.valueLength = UInt32(truncatingIfNeeded: count)
                    field.isVerbatim = false
                case .refuse(let error): return .failed(error)
                }
            }
            block.append(field)
        }
    }

    /// A line that does not begin with a name and a colon: a continuation, or a fault.
    @inline(never)
    private mutating func readOddLine(
        _ bytes: ByteView, at line: Int, _ name: ByteView, _ block: HeaderBlock, isRequest: Bool
    ) -> Outcome {
        if ASCII.isBlank(bytes[line]) { return self.unfold(bytes, at: line, block, isRequest: isRequest) }
        return self.stop(bytes, at: line, Self.fault(inName: name))
    }

    /// Joins a continuation line to the field before it (RFC 9112, 5.2), which only responses may have.
    @inline(never)
    private mutating func unfold(
        _ bytes: ByteView, at line: Int, _ block: HeaderBlock, isRequest: Bool
    ) -> Outcome {
        let lineEnd = ByteScan.control(bytes, from: line)
        guard lineEnd + 1 < bytes.count, bytes[lineEnd] == ASCII.carriageReturn,
            bytes[lineEnd + 1] == ASCII.lineFeed
        else { return self.stop(bytes, at: line, Self.fault(inValue: bytes, at: lineEnd)) }
        // A fold in a field that frames the message could be read in two ways.
        guard !isRequest, line != self.droppedUpTo, block.count > 0, case var field = block[block.count - 1],
            field.id == .other || field.id.rawValue > HeaderID.expect.rawValue
        else { return .failed(.foldedField) }
        let content = bytes[line..<lineEnd].trimmed()
        var end = Int(field.valueStart + field.valueLength)
        if !content.isEmpty {
            let start = content.base - bytes.base
            if field.valueLength == 0 { field.valueStart = UInt32(truncatingIfNeeded: start) }
            end = start + content.count
        }
        field.valueLength = UInt32(truncatingIfNeeded: end) - field.valueStart
        field.isVerbatim = end == lineEnd
        block.replace(at: block.count - 1, with: field)
        self.hasFold = true
        return .end(lineEnd + 2)
    }

    private static func fault(inName name: ByteView) -> HTTPError {
        guard let last = name.isEmpty ? nil : name[name.count - 1], ASCII.isBlank(last) else {
            return .badFieldName
        }
        return HeaderSyntax.isName(name.trimmed()) ? .spaceBeforeColon : .badFieldName
    }

    private static func fault(inValue bytes: ByteView, at index: Int) -> HTTPError {
        guard index < bytes.count else { return .badFieldValue }
        return bytes[index] == ASCII.carriageReturn || bytes[index] == ASCII.lineFeed
            ? .bareLineEnd : .badFieldValue
    }
}
