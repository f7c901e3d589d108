import Foundation

/// A file that is written from front to back, each write checked. Every method throws `Failure.runtime` where
/// it cannot be written.
public final class OutputFile {
  public let path: String
  private var descriptor: Int32
  /// Bytes written so far, from the beginning.
  public private(set) var byteCount = 0

  /// Creates the file, or empties the one that is there. A symbolic link is not followed.
  public init(creating path: String) throws {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure }
  }

  /// Goes on at the end of the file, which is made when there is none. A symbolic link is not followed.
  public init(appendingTo path: String) throws {
    self.path = path
    descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0o666)
    guard descriptor >= 0 else { throw failure }
    byteCount = Int(lseek(descriptor, 0, SEEK_END))
  }

  deinit { if descriptor >= 0 { _ = Foundation.close(descriptor) } }

  public func write(_ bytes: UnsafeRawBufferPointer) throws {
    try write(bytes, at: byteCount)
    byteCount += bytes.count
  }

  public func write(_ bytes: Data) throws { try bytes.withUnsafeBytes(write) }

  /// Writes over bytes that are there already.
  public func replace(at offset: Int, by bytes: Data) throws {
    precondition(offset >= 0 && offset + bytes.count <= byteCount, "nothing is there to be replaced")
    try bytes.withUnsafeBytes { try write($0, at: offset) }
  }

  public func close() throws {
    defer { descriptor = -1 }
    guard Foundation.close(descriptor) == 0 else { throw failure }
  }

  private func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
    var (rest, offset) = (bytes[...], offset)
    while !rest.isEmpty {
      let written = pwrite(
        descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count, off_t(offset))
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { throw failure }
      rest = rest.dropFirst(written)
      offset += written
    }
  }

  private var failure: Failure { .system("write \(path)") }
}
