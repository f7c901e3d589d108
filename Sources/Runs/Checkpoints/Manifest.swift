import Foundation
import Support

/// The list of a checkpoint's files, written last: a directory without it is no checkpoint.
public struct Manifest: Codable {
  public struct Entry: Codable, Equatable, Sendable {
    public let bytes: Int
    let sha256: Fingerprint

    /// Reads the whole file.
    /// - Throws: `Failure.badData` where there is none, and for a symbolic link, which could lead anywhere.
    public init(of path: String, advice: String = Manifest.advice) throws {
      guard FileKind(path) == .file else {
        throw Failure.badData("\(path) is missing or no regular file; \(advice).")
      }
      bytes = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
      sha256 = try Fingerprint(ofFile: path)
    }

    /// - Throws: `Failure.badData` when the file is missing or is not what was written.
    func verify(_ path: String, advice: String = Manifest.advice) throws {
      let found = try Entry(of: path, advice: advice)
      guard found.bytes == bytes else {
        throw Failure.badData("\(path) has \(found.bytes) bytes, but \(bytes) were written; \(advice).")
      }
      guard found == self else {
        throw Failure.badData(
          "\(path) does not have the SHA-256 that was written, so it is damaged; \(advice).")
      }
    }
  }

  public static let name = "manifest.json"
  public static let format = "capstan-checkpoint"
  /// What to do about a damaged checkpoint.
  public static let advice =
    "go back to the newest checkpoint that is intact by --resume intact, or name another"

  public var format = Manifest.format
  public var version = 1
  public var files: [String: Entry]
  /// The run's frozen parameters; nil where none are, and in checkpoints of older releases.
  public var frozen: Entry?

  /// Lists what is in a directory, which is synced file by file.
  public init(of directory: String, frozen: Entry?) throws {
    files = [:]
    self.frozen = frozen
    for name in try FileManager.default.contentsOfDirectory(atPath: directory).sorted() {
      files[name] = try Entry(of: "\(directory)/\(name)")
      try DurableFile.synchronize("\(directory)/\(name)")
    }
  }

  public init(readingFrom directory: String) throws {
    let path = "\(directory)/\(Self.name)"
    guard FileKind(directory) == .directory, FileKind(path) == .file,
      let data = FileManager.default.contents(atPath: path)
    else {
      throw Failure.badData(
        "\(directory) has no \(Self.name), so it is no complete checkpoint; name another, or --resume auto.")
    }
    guard let manifest = try? JSON.decoder().decode(Manifest.self, from: data), manifest.format == Self.format
    else { throw Failure.badData("\(path) is damaged or not Capstan's; \(Self.advice).") }
    guard manifest.version == 1 else {
      throw Failure.badData(
        "\(path) has version \(manifest.version), but this Capstan reads version 1; use the Capstan that wrote it."
      )
    }
    self = manifest
  }

  public func write(to directory: String) throws {
    try DurableFile.write(JSON.encoder(isIndented: true).encode(self), to: "\(directory)/\(Self.name)")
  }

  /// - Parameter required: files that must be among those that are listed.
  /// - Throws: `Failure.badData` when a file is missing or is not what was written.
  func verify(_ directory: String, required: [String] = []) throws {
    for name in required where files[name] == nil {
      throw Failure.badData("\(directory)/\(Self.name) does not list \(name); \(Self.advice).")
    }
    for (name, entry) in files.sorted(by: { $0.key < $1.key }) {
      guard !name.contains("/") else {
        throw Failure.badData(
          "\(directory)/\(Self.name) lists \(name), which leads out of it; \(Self.advice).")
      }
      try entry.verify("\(directory)/\(name)")
    }
  }
}
