internal import Foundation

/// Waits until `condition` holds.
///
/// - Returns: false when it did not within so many seconds.
@discardableResult
public func eventually(within seconds: Double = 60, _ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = Date(timeIntervalSinceNow: seconds)
    while true {
        if try condition() { return true }
        if Date() > deadline { return false }
        usleep(2000)
    }
}
