import Foundation

/// Where a command writes, settled before it does any work, by the same rule for every command: nothing that is there is
/// replaced unless that was asked for, and then only what the command may have written itself; missing directories are
/// made with the output. Every method throws `Failure.usage`.
public enum OutputPlace {
  /// - Parameters:
  ///   - option: that names the path, for messages.
  ///   - replacing: whether a file that is there is to be replaced.
  public static func requireFile(_ path: String, option: String = "--out", replacing: Bool) throws {
    guard !path.isEmpty, !path.hasSuffix("/"), FileKind(following: path) != .directory else {
      throw Failure.usage("\(option) “\(path)” is a directory; name a file in it.")
    }
    switch FileKind(path) {
    case nil: try requireWritableDirectory(above: path, option)
    case .file, .link:
      guard replacing else { throw exists(path, option) }
      try requireWritableDirectory(above: path, option)
    case .directory, .other:
      // Renaming a file over a device or a pipe would take it from all other programs.
      throw Failure.usage(
        "\(path) is a device or a pipe, which cannot be replaced; name a file by \(option).")
    }
  }

  /// A directory is free where nothing is in it.
  /// - Parameter isOwn: whether a name in the directory is one that the command writes; where others are there too, the
  ///   directory is not replaced, for they would be lost.
  public static func requireDirectory(
    _ path: String, option: String = "--out", replacing: Bool, holdingOnly isOwn: (_ name: String) -> Bool
  ) throws {
    guard !path.isEmpty else { throw Failure.usage("\(option) is empty; name a directory.") }
    let place = URL(fileURLWithPath: path).path
    try requireWritableDirectory(above: place, option)
    guard FileKind(place) != nil else { return }
    guard FileKind(following: place) == .directory else {
      throw Failure.usage("\(path) is not a directory; choose another \(option).")
    }
    let names = try contents(of: place)
    if let other = names.filter({ !isOwn($0) }).min() {
      throw Failure.usage(
        "\(path) holds \(other), which would be lost; choose a directory of its own by \(option).")
    }
    guard names.isEmpty || replacing else { throw exists(path, option) }
  }

  private static func exists(_ path: String, _ option: String) -> Failure {
    .usage("\(path) exists already; replace it by --force, or choose another \(option).")
  }

  /// The nearest directory above that is there must be one in which files can be made.
  private static func requireWritableDirectory(above path: String, _ option: String) throws {
    var directory = URL(fileURLWithPath: path).deletingLastPathComponent()
    while FileKind(directory.path) == nil, directory.path != "/" { directory.deleteLastPathComponent() }
    guard FileKind(following: directory.path) == .directory, access(directory.path, W_OK | X_OK) == 0 else {
      throw Failure.usage(
        "\(directory.path) is not a directory that can be written to; choose another \(option).")
    }
  }

  private static func contents(of directory: String) throws -> [String] {
    do { return try FileManager.default.contentsOfDirectory(atPath: directory) } catch {
      throw Failure.usage("\(directory) cannot be read; make it readable, or choose another place.")
    }
  }
}
