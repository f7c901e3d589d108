import CSystem
import Foundation

/// What a process tells: results on standard output, all else on standard error.
public enum StandardStreams {
  /// Says something on standard error, or as much of it as is taken: a terminal that was closed, or a `tee` that Ctrl-C
  /// has ended, must not end a run before its checkpoint.
  public static func say(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let written = rest.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
      if written < 0, errno == EINTR { continue }
      guard written > 0 else { return }
      rest = rest.dropFirst(written)
    }
  }

  /// Writes out what was printed, without which a full disk below standard output would go unnoticed.
  /// - Throws: `Failure.runtime` where any of it since the program began could not be written.
  public static func flushOutput() throws {
    let error = capstan_flush_output()
    guard error == 0 else { throw Failure.system("write to standard output", error) }
  }
}
