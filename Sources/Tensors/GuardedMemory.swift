import Foundation

/// Memory between two pages that nobody may touch: who reads or writes behind its end ends the process. For tests.
public final class GuardedMemory: @unchecked Sendable {
  /// The last byte stands right before the page behind.
  public let start: UnsafeMutableRawPointer
  private let mapping: UnsafeMutableRawPointer
  private let mappedBytes: Int

  /// Memory whose contents are NaN, as floats of whatever size.
  public init(byteCount: Int) {
    let page = Int(getpagesize())
    let bytes = byteCount.padded(to: page)
    mappedBytes = bytes + 2 * page
    guard let mapping = mmap(nil, mappedBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
      mapping != MAP_FAILED, mprotect(mapping + page, bytes, PROT_READ | PROT_WRITE) == 0
    else { preconditionFailure("the system has no memory left, or no more mappings for this process") }
    self.mapping = mapping
    memset(mapping + page, 0xff, bytes)
    start = mapping + page + bytes - byteCount
  }

  deinit { munmap(mapping, mappedBytes) }
}
