import Foundation
import Support

extension Data {
  /// The bytes of the regular file at `path`, mapped: nothing is read before it is looked at.
  ///
  /// Throws `Failure.badData` when there is no such file, when it cannot be read, or when it is a directory
  /// or a device.
  public init(mapping path: String) throws {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw Failure.badData("\(path) cannot be opened: \(String(cString: strerror(errno))); check the path.")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Failure.badData("\(path) is not a file but a directory or a device; give the path of a file.")
    }
    do { self = try Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) } catch {
      throw Failure.badData("\(path) cannot be read; check its permissions.")
    }
  }
}
