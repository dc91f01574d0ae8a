internal import CLinux
internal import Glibc

/// A pipe through which the kernel moves bytes from one socket to another without copying them to us.
final class SplicePipe {
    /// What a pipe is asked to hold: with 64 KiB, the kernel's own choice, bulk costs half as much again.
    static let capacity = 256 << 10

    private let readEnd: Int32
    private let writeEnd: Int32
    /// Bytes in it.
    private(set) var count = 0

    /// - Returns: nil when the kernel gives none.
    init?() {
        var ends: (Int32, Int32) = (-1, -1)
        guard postern_pipe(&ends.0, &ends.1, Int32(Self.capacity)) == 0 else { return nil }
        self.readEnd = ends.0
        self.writeEnd = ends.1
    }

    deinit {
        Glibc.close(self.readEnd)
        Glibc.close(self.writeEnd)
    }

    /// Takes what is there of a socket's input into the empty pipe. 0 bytes: the end of input.
    func fill(from socket: Socket) -> Socket.Outcome {
        let moved = self.move(socket.descriptor, self.writeEnd, Self.capacity)
        if case .bytes(let bytes) = moved { self.count = bytes }
        return moved
    }

    /// Gives a socket what it takes, until the pipe is empty or the socket full.
    func drain(into socket: Socket) -> Socket.Outcome {
        var total = 0
        while self.count > 0 {
            let moved = self.move(self.readEnd, socket.descriptor, self.count)
            guard case .bytes(let bytes) = moved, bytes > 0 else {
                if case .failed = moved { return moved }
                return total > 0 ? .bytes(total) : .wouldBlock
            }
            self.count -= bytes
            total += bytes
        }
        return .bytes(total)
    }

    private func move(_ from: Int32, _ to: Int32, _ most: Int) -> Socket.Outcome {
        while true {
            let moved = postern_splice(from, to, most)
            if moved >= 0 { return .bytes(moved) }
            if errno != EINTR { return Socket.failure(Int(errno)) }
        }
    }
}
