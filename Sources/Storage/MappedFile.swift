import Essentials
import Foundation

/// A regular file's bytes in memory, read by the system as they are touched and shared between the processes of a
/// machine. Whoever cuts the file short meanwhile takes its users down (SIGBUS); a file that is replaced by renaming
/// another over it stays as it was.
public final class MappedFile: @unchecked Sendable {
  public let path: String
  /// Valid as long as this object lives.
  public let bytes: UnsafeRawBufferPointer

  /// Throws `Failure.badData` where there is no readable regular file.
  public init(path: String) throws {
    self.path = path
    // Without O_NONBLOCK, opening a named pipe would wait for a writer.
    let descriptor = open(path, O_RDONLY | O_NONBLOCK)
    guard descriptor >= 0 else { throw Self.unreadable(path) }
    defer { close(descriptor) }

    var status = stat()
    guard fstat(descriptor, &status) == 0 else { throw Self.unreadable(path) }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw Failure.badData("\(path) is not a regular file but a directory or a device; name a file.")
    }
    let size = Int(status.st_size)
    guard size > 0 else {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = mmap(nil, size, PROT_READ, MAP_SHARED, descriptor, 0), start != MAP_FAILED else {
      throw Self.unreadable(path)
    }
    bytes = UnsafeRawBufferPointer(start: start, count: size)
  }

  deinit {
    if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
  }

  private static func unreadable(_ path: String) -> Failure {
    .badData(
      "\(path) cannot be read: \(String(cString: strerror(errno))); check the path and its permissions.")
  }
}
