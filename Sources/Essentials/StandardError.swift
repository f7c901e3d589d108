import Foundation

/// Where users are told how it goes.
public enum StandardError {
  /// Writes all of it, or as much as is taken: a terminal that was closed, or a `tee` that Ctrl-C has ended, must not end
  /// a run before its checkpoint.
  public static func write(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { Foundation.write(STDERR_FILENO, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { return }
      rest = rest.dropFirst(written)
    }
  }
}
