import CSystem
import Foundation

/// Files that are complete or absent: written beside their final name, synced, then renamed over it.
public enum DurableFile {
  /// Gives `body` a temporary path in the directory of `path`, which is made if need be; when it returns, the file
  /// there is synced and renamed to `path`. When it throws, the temporary file is removed, with a directory that was made
  /// for it, and `path` stays as it was.
  public static func write<Result>(to path: String, _ body: (_ temporary: String) throws -> Result) throws
    -> Result
  {
    let temporary = "\(path)\(temporarySuffix)\(getpid())"
    let directory = URL(fileURLWithPath: path).deletingLastPathComponent().path
    let isDirectoryNew = FileKind(directory) == nil
    do {
      try makeDirectory(directory)
      // In a container a process that was killed may have had the same number; and a link would lead elsewhere.
      unlink(temporary)
      let result = try Cleanup.onSignal {
        unlink(temporary)
      } during: {
        try body(temporary)
      }
      try synchronize(temporary)
      try rename(temporary, to: path)
      try synchronize(directory)
      return result
    } catch {
      try? FileManager.default.removeItem(atPath: temporary)
      if isDirectoryNew { rmdir(directory) }
      throw error
    }
  }

  /// Gives `body` an empty temporary directory beside `path`; when it returns, the files there are synced and the
  /// directory is renamed to `path`, whatever was there before. When it throws, the temporary directory is removed and
  /// `path` stays as it was.
  /// - Parameter syncing: whether the files outlast a failure of power.
  public static func writeDirectory<Result>(
    to path: String, syncing: Bool = true, _ body: (_ temporary: String) throws -> Result
  ) throws -> Result {
    let place = URL(fileURLWithPath: path).path
    let temporary = "\(place)\(temporarySuffix)\(getpid())"
    let files = FileManager.default
    do {
      try? files.removeItem(atPath: temporary)
      try makeDirectory(temporary)
      let result = try Cleanup.onSignal {
        try? FileManager.default.removeItem(atPath: temporary)
      } during: {
        try body(temporary)
      }
      if syncing {
        for name in try files.subpathsOfDirectory(atPath: temporary) {
          try synchronize("\(temporary)/\(name)")
        }
      }
      try synchronize(temporary)
      try replaceDirectory(place, by: temporary)
      return result
    } catch {
      try? files.removeItem(atPath: temporary)
      throw error
    }
  }

  /// Gives a directory, whose files are synced, the name of another, which is removed. Where the file system can
  /// exchange two names, there is no moment at which a kill would leave neither there.
  public static func replaceDirectory(_ path: String, by temporary: String) throws {
    var replaced = temporary
    if capstan_exchange(temporary, path) != 0 {
      replaced = "\(path).old-\(getpid())"
      let isReplacing = (try? rename(path, to: replaced)) != nil
      do { try rename(temporary, to: path) } catch {
        if isReplacing { try? rename(replaced, to: path) }
        throw error
      }
    }
    try synchronize(URL(fileURLWithPath: path).deletingLastPathComponent().path)
    try? FileManager.default.removeItem(atPath: replaced)
  }

  /// Makes a directory and those above it, where they are missing.
  public static func makeDirectory(_ path: String) throws {
    do { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) } catch {
      let cause = (error as? CocoaError)?.underlying as? POSIXError
      throw Failure.system("make the directory \(path)", cause?.code.rawValue ?? errno)
    }
  }

  /// Replaces the file at `path` by `bytes`, durably.
  public static func write(_ bytes: Data, to path: String) throws {
    try write(to: path) { temporary in
      let file = try OutputFile(creating: temporary)
      try file.write(bytes)
      try file.close()
    }
  }

  /// Removes from a directory what writers that were killed have left half-written. None may be at work there.
  public static func removeStaleTemporaries(in directory: String) {
    let files = FileManager.default
    for name in (try? files.contentsOfDirectory(atPath: directory)) ?? [] where name.contains(temporarySuffix)
    {
      try? files.removeItem(atPath: "\(directory)/\(name)")
    }
  }

  /// What the names of files that are being written have between the final name and the process.
  private static let temporarySuffix = ".partial-"

  /// Flushes a file or a directory to the disk.
  public static func synchronize(_ path: String) throws {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { throw Failure.system("open \(path) to sync it") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else { throw Failure.system("sync \(path)") }
  }

  /// Moves a file or a directory within a file system, over the file that has the name.
  public static func rename(_ path: String, to newPath: String) throws {
    guard Foundation.rename(path, newPath) == 0 else { throw Failure.system("rename \(path) to \(newPath)") }
  }
}
