import CHDF5
import Foundation
import Support

/// The one door to HDF5's library, which files are written with. It is not safe to enter from two threads in
/// every build of it.
enum HDF5Library {
  private static let lock = NSRecursiveLock()

  /// At exit HDF5 closes what is open, once more what it could not close on a full disk, and crashes over that. Nothing of
  /// ours is left to be closed then.
  private static let neverCloses = H5dont_atexit()

  /// The release that this program runs with.
  static var version: String {
    var (major, minor, release): (UInt32, UInt32, UInt32) = (0, 0, 0)
    _ = enter { H5get_libversion(&major, &minor, &release) }
    return "\(major).\(minor).\(release)"
  }

  /// Runs `body`, with all its calls of HDF5, while no other thread is inside; HDF5 prints nothing meanwhile.
  static func enter<Result>(_ body: () throws -> Result) rethrows -> Result {
    lock.lock()
    defer { lock.unlock() }
    _ = neverCloses
    capstan_h5e_silence()
    return try body()
  }

  /// Passes on what HDF5 returned. Where that is negative, HDF5's way to say that a call failed, throws the
  /// failure that `otherwise` makes of HDF5's own reason.
  @discardableResult
  static func check<Result: SignedInteger>(
    _ result: Result, otherwise failure: (_ reason: String) -> Failure
  ) throws -> Result {
    guard result < 0 else { return result }
    throw failure(innermostReason)
  }

  private static var innermostReason: String {
    guard let reason = capstan_h5e_innermost().map({ String(cString: $0) }) else {
      return "HDF5 gives no reason"
    }
    // Of a system call that failed, HDF5 also tells the time, addresses and sizes, on several lines.
    guard let start = reason.firstRange(of: "error message = '")?.upperBound,
      let end = reason[start...].firstIndex(of: "'"),
      let what = reason.split(whereSeparator: ":,".contains).first
    else { return reason }
    return "\(what): \(reason[start..<end])"
  }
}
