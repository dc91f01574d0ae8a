internal import Foundation

/// Waits until `condition` holds.
///
/// - Returns: false when it did not within that many seconds.
@discardableResult
public func eventually(within seconds: Double = 20, _ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while true {
        if try condition() { return true }
        if Date() > deadline { return false }
        usleep(2000)
    }
}
