import Foundation

/// What is at a path.
public enum FileKind: Sendable {
  case file, directory, link, other

  /// At the path itself: a symbolic link is a link, wherever it leads. Nil where nothing is there, or where it cannot be
  /// seen.
  public init?(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  /// Where symbolic links lead to, so never a link; nil where that is nothing.
  public init?(following path: String) {
    var status = stat()
    guard stat(path, &status) == 0 else { return nil }
    self.init(status)
  }

  private init(_ status: stat) {
    self =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .directory
      case S_IFLNK: .link
      default: .other
      }
  }
}
