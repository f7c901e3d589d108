import Foundation

/// Pages of the system's own: zero, and taking no memory before they are touched. They go back with the last reference.
public final class SystemMemory: @unchecked Sendable {
  public let start: UnsafeMutableRawPointer
  private let bytes: Int

  public init(bytes: Int) {
    self.bytes = bytes
    let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
    guard let start = mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, -1, 0), start != MAP_FAILED else {
      preconditionFailure("the system has no \(bytes) bytes of address space left")
    }
    self.start = start
  }

  deinit { munmap(start, bytes) }
}
