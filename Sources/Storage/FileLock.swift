import Essentials
import Foundation

/// A lock of flock(2) on a file that is read, as HDF5's library takes it: shared, against those that write.
final class FileLock: Sendable {
  private let descriptor: Int32

  /// Where the file system cannot lock, and where `HDF5_USE_FILE_LOCKING` is `FALSE`, it goes without.
  ///
  /// Throws `Failure.badData` where the file cannot be opened, or is open for writing.
  init(sharing path: String) throws {
    descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      throw Failure.badData("\(path) cannot be opened: \(String(cString: strerror(errno))); check the path.")
    }
    let isOff = ["FALSE", "0"].contains(ProcessInfo.processInfo.environment["HDF5_USE_FILE_LOCKING"])
    if !isOff, flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK {
      throw Failure.badData(
        "\(path) is open for writing in another process; wait until that has closed it.")
    }
  }

  deinit { if descriptor >= 0 { close(descriptor) } }
}
