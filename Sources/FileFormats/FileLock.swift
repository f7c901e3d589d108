import Foundation
import Support

extension PositionedFile {
  /// Takes a lock of flock(2), as HDF5's library does: shared, against those that write. It lasts as long as the file
  /// is open.
  ///
  /// Where the file system cannot lock, and where `HDF5_USE_FILE_LOCKING` is `FALSE`, it goes without.
  ///
  /// Throws `Failure.badData` where the file is open for writing.
  func lockAgainstWriters() throws {
    let isOff = ["FALSE", "0"].contains(ProcessInfo.processInfo.environment["HDF5_USE_FILE_LOCKING"])
    if !isOff, flock(descriptor, LOCK_SH | LOCK_NB) != 0, errno == EWOULDBLOCK {
      throw Failure.badData(
        "\(path) is open for writing in another process; wait until that has closed it.")
    }
  }
}
