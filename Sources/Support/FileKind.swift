import Foundation

/// What stands at a path itself: a symbolic link is a link, wherever it leads.
public enum FileKind: Sendable {
  case file, directory, link, other

  /// Nil where nothing is there, or where it cannot be seen.
  public init?(_ path: String) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return nil }
    self =
      switch status.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .directory
      case S_IFLNK: .link
      default: .other
      }
  }
}
