import Foundation
import Support

/// A regular file that is read at any place by pread(2).
///
/// Unlike a mapping, nothing that was read stays in this process's memory, and a file that is cut short meanwhile gives
/// a failure instead of a signal.
public final class PositionedFile: Sendable {
  public let path: String
  /// Bytes at the time of opening.
  public let count: Int
  let descriptor: Int32

  /// Throws `Failure.badData` when there is no such file, when it cannot be read, or when it is a directory or a
  /// device.
  public init(path: String) throws {
    self.path = path
    // A pipe would have its reader wait until somebody writes.
    descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else {
      throw Failure.badData("\(path) cannot be opened: \(String(cString: strerror(errno))); check the path.")
    }
    var status = stat()
    guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
      close(descriptor)
      throw Failure.badData("\(path) is not a file but a directory or a device; give the path of a file.")
    }
    count = Int(status.st_size)
  }

  deinit { close(descriptor) }

  /// Fills `buffer` with what stands from `offset` on.
  ///
  /// Throws `Failure.badData` where the file ends before that or cannot be read.
  public func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
    var done = 0
    while done < buffer.count {
      let size = pread(descriptor, buffer.baseAddress?.advanced(by: done), buffer.count - done, offset + done)
      if size < 0, errno == EINTR { continue }
      guard size >= 0 else {
        throw Failure.badData(
          "\(path) cannot be read at offset \(offset + done): \(String(cString: strerror(errno))); check the disk "
            + "or the connection to it.")
      }
      guard size > 0 else {
        throw Failure.badData(
          "\(path) ends at offset \(offset + done), before its content does; it was cut short while it was read, "
            + "so copy it again.")
      }
      done += size
    }
  }

  /// The bytes of a part of the file.
  public func bytes(_ range: Range<Int>) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: range.count) { buffer, initialized in
      try read(
        at: range.lowerBound,
        into: UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[..<range.count]))
      initialized = range.count
    }
  }

  /// All of the file, mapped: for structures that are looked at once, as each page that is touched stays in memory.
  func mapped() throws -> Data {
    guard count > 0 else { return Data() }
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      throw Failure.badData(
        "\(path) cannot be read: \(String(cString: strerror(errno))); check its permissions.")
    }
    return Data(bytesNoCopy: start, count: count, deallocator: .custom { munmap($0, $1) })
  }

  /// Asks the system to have a part of the file in its cache soon.
  func prefetch(_ range: Range<Int>) {
    _ = posix_fadvise(descriptor, range.lowerBound, range.count, POSIX_FADV_WILLNEED)
  }
}

/// A part of a file, read when it is asked for.
public struct FileRegion: Sendable {
  let file: PositionedFile
  let range: Range<Int>

  public var count: Int { range.count }

  /// Fills `buffer` with what stands from `offset`, counted in the region, on.
  ///
  /// Throws `Failure.badData` where the file has become too short or cannot be read.
  public func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
    precondition(offset >= 0 && buffer.count <= range.count - offset, "within the region")
    try file.read(at: range.lowerBound + offset, into: buffer)
  }

  /// All of it.
  public func bytes() throws -> [UInt8] { try file.bytes(range) }

  /// Asks the system to have a part of it, counted in the region, in its cache soon.
  public func prefetch(_ part: Range<Int>) {
    file.prefetch(range.lowerBound + part.lowerBound..<range.lowerBound + part.upperBound)
  }
}
