import Essentials
import Foundation

/// The list of a checkpoint's files, written last: a directory without it is no checkpoint.
struct Manifest: Codable {
  struct Entry: Codable, Equatable {
    let bytes: Int
    let sha256: Fingerprint
  }

  static let name = "manifest.json"
  static let format = "capstan-checkpoint"

  var format = Manifest.format
  var version = 1
  var files: [String: Entry]

  /// Lists what is in a directory, which is synced file by file.
  init(of directory: String) throws {
    files = [:]
    for name in try FileManager.default.contentsOfDirectory(atPath: directory).sorted() {
      files[name] = try Self.entry(directory + "/" + name)
      try DurableFile.synchronize(directory + "/" + name)
    }
  }

  init(readingFrom directory: String) throws {
    let path = directory + "/" + Self.name
    guard let data = FileManager.default.contents(atPath: path) else {
      throw Failure.badData(
        "\(directory) has no \(Self.name), so it is no complete checkpoint; name another, or --resume auto.")
    }
    guard let manifest = try? JSONDecoder().decode(Manifest.self, from: data), manifest.format == Self.format
    else {
      throw Failure.badData("\(path) is damaged or not Capstan's; name another checkpoint by --resume PATH.")
    }
    guard manifest.version == 1 else {
      throw Failure.badData(
        "\(path) has version \(manifest.version), but this Capstan reads version 1; use the Capstan that wrote it."
      )
    }
    self = manifest
  }

  func write(to directory: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    try DurableFile.write(encoder.encode(self), to: "\(directory)/\(Self.name)")
  }

  /// - Throws: `Failure.badData` when a file is missing or is not what was written.
  func verify(_ directory: String) throws {
    for (name, entry) in files.sorted(by: { $0.key < $1.key }) {
      let path = directory + "/" + name
      guard !name.contains("/"), let found = try? Self.entry(path) else {
        throw Failure.badData("\(path) is missing; name another checkpoint by --resume PATH.")
      }
      guard found.bytes == entry.bytes else {
        throw Failure.badData(
          "\(path) has \(found.bytes) bytes, but \(entry.bytes) were written; name another checkpoint by --resume PATH."
        )
      }
      guard found == entry else {
        throw Failure.badData(
          "\(path) does not have the SHA-256 that was written, so it is damaged; name another checkpoint by "
            + "--resume PATH.")
      }
    }
  }

  private static func entry(_ path: String) throws -> Entry {
    let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    return Entry(bytes: size ?? 0, sha256: try Fingerprint(ofFile: path))
  }
}
