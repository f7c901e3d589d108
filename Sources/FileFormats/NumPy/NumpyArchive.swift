import Foundation
import Support

/// A `.npz` file: a zip archive of `.npy` files, as `numpy.savez` and `numpy.savez_compressed` write it.
public struct NumpyArchive {
  private let archive: ZipArchive

  /// Whether `bytes` begin as a zip archive does, which torch's files do as well.
  public static func recognizes(_ bytes: Data) -> Bool { ZipArchive.recognizes(bytes) }

  /// Reads the directory of the archive. `name` is the file's, for messages.
  ///
  /// Throws `Failure.badData` when it is damaged or hostile.
  public init(_ bytes: Data, name: String) throws { archive = try ZipArchive(bytes, name: name) }

  /// The arrays' names, sorted.
  public var names: [String] {
    archive.entries.keys.filter { $0.hasSuffix(".npy") }.map { String($0.dropLast(4)) }.sorted()
  }

  /// Reads an array; nil when there is none of that name.
  ///
  /// Throws `Failure.badData` when it is damaged or of a type that is not read.
  public func array(named name: String) throws -> NumpyArray? {
    guard let entry = archive.entries["\(name).npy"] else { return nil }
    return try NumpyArray(archive.contents(of: entry), name: "\(archive.name), array \(name),")
  }
}
