import Foundation

/// The name of a thread as the system shows it to others (`ps -L -o comm`, `top -H`): what the thread does.
public struct ThreadName: Sendable {
  private let file: FileHandle?

  /// Of the calling thread; nothing is shown where there is no `/proc`.
  public init() { file = FileHandle(forWritingAtPath: "/proc/thread-self/comm") }

  /// - Parameter title: of at most 15 bytes.
  public func show(_ title: String) {
    guard let file else { return }
    var title = title
    _ = title.withUTF8 { write(file.fileDescriptor, $0.baseAddress, $0.count) }
  }
}
