import Foundation

/// Files that are complete or absent: written beside their final name, synced, then renamed over it.
public enum DurableFile {
  /// Gives `body` a temporary path in the directory of `path`, which is made if need be; when it returns, the file
  /// there is synced and renamed to `path`. When it throws, the temporary file is removed and `path` stays as it was.
  public static func write<Result>(to path: String, _ body: (_ temporary: String) throws -> Result) throws
    -> Result
  {
    let temporary = "\(path).partial-\(getpid())"
    let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
    do {
      try makeDirectory(directory)
      let result = try body(temporary)
      try synchronize(temporary)
      guard rename(temporary, path) == 0 else { throw systemFailure("rename \(temporary) to \(path)") }
      try synchronize(directory)
      return result
    } catch {
      try? FileManager.default.removeItem(atPath: temporary)
      throw error
    }
  }

  /// Gives `body` an empty temporary directory beside `path`; when it returns, the files there are synced and the
  /// directory is renamed to `path`, whatever was there before. When it throws, the temporary directory is removed and
  /// `path` stays as it was.
  public static func writeDirectory(to path: String, _ body: (_ temporary: String) throws -> Void) throws {
    let place = URL(fileURLWithPath: path).path
    let (temporary, old) = ("\(place).partial-\(getpid())", "\(place).old-\(getpid())")
    let files = FileManager.default
    do {
      try makeDirectory(temporary)
      try body(temporary)
      for name in try files.subpathsOfDirectory(atPath: temporary) { try synchronize("\(temporary)/\(name)") }
      try synchronize(temporary)
      let isReplacing = rename(place, old) == 0
      guard rename(temporary, place) == 0 else {
        let failure = systemFailure("rename \(temporary) to \(place)")
        if isReplacing { rename(old, place) }
        throw failure
      }
      try synchronize(URL(fileURLWithPath: place).deletingLastPathComponent().path)
      try? files.removeItem(atPath: old)
    } catch {
      try? files.removeItem(atPath: temporary)
      throw error
    }
  }

  /// Makes a directory and those above it, where they are missing.
  public static func makeDirectory(_ path: String) throws {
    do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
      throw Failure.runtime("The directory \(path) could not be made: \(error.localizedDescription)")
    }
  }

  /// Replaces the file at `path` by `bytes`, durably.
  public static func write(_ bytes: Data, to path: String) throws {
    try write(to: path) { temporary in
      do { try bytes.write(to: URL(fileURLWithPath: temporary)) } catch {
        throw Failure.runtime(
          "Could not write \(path): \(error.localizedDescription) Free some space or choose another place.")
      }
    }
  }

  /// Flushes a file or a directory to the disk.
  public static func synchronize(_ path: String) throws {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw systemFailure("open \(path) to sync it") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw systemFailure("sync \(path)") }
  }

  private static func systemFailure(_ action: String) -> Failure {
    .runtime("Could not \(action): \(String(cString: strerror(errno))).")
  }
}
