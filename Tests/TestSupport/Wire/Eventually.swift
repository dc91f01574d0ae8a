internal import Foundation

/// Waits until `condition` holds.
///
/// - Returns: false when it did not within 20 seconds.
@discardableResult
public func eventually(_ condition: () throws -> Bool) rethrows -> Bool {
    let deadline = Date(timeIntervalSinceNow: 20)
    while true {
        if try condition() { return true }
        if Date() > deadline { return false }
        usleep(2000)
    }
}
