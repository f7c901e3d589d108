import Foundation
import Support

/// An HDF5 file that is open for reading, in the forms that h5py writes by default and Capstan does.
///
/// Where the file system can lock, the file is locked against HDF5's writers as long as this object lives, so
/// that what is read in place stays as it is. `HDF5_USE_FILE_LOCKING=FALSE` in the environment turns that
/// off.
public final class HDF5File: Sendable {
  public let path: String
  let content: HDF5Bytes
  private let root: UInt64

  /// Whether a regular file has HDF5's signature: at its beginning, or behind a user block of 512 bytes or a power of
  /// two of them.
  public static func isHDF5(_ path: String) -> Bool {
    guard let bytes = try? Data(mapping: path) else { return false }
    var place = 0
    while place < bytes.count {
      if bytes[place...].starts(with: HDF5Superblock.signature) { return true }
      place = max(512, 2 * place)
    }
    return false
  }

  /// The release of HDF5 that this program writes with.
  public static var libraryVersion: String { HDF5Library.version }

  /// Throws `Failure.badData` where the file is missing, is not HDF5, is cut short, or is open for writing.
  public init(path: String) throws {
    self.path = path
    let file = try PositionedFile(path: path)
    try file.lockAgainstWriters()
    content = try HDF5Bytes(file)
    guard content.data.starts(with: HDF5Superblock.signature) else {
      throw Failure.badData("\(path) is not an HDF5 file: it has no HDF5 signature; name an HDF5 file.")
    }
    root = try HDF5Superblock(of: content).root
  }

  /// The dataset at a path such as `/captions/text`.
  public func dataset(_ name: String) throws -> HDF5Dataset {
    var address = root
    for part in name.split(separator: "/") {
      let group = HDF5Group(try HDF5ObjectHeader(at: address, in: content), in: content)
      guard let next = try group.address(of: String(part)) else {
        throw Failure.badData("\(path) has no dataset \(name); write it as the data format asks.")
      }
      address = next
    }
    return try HDF5Dataset(name, header: HDF5ObjectHeader(at: address, in: content), in: self)
  }

  /// Whether the root has an attribute of that name.
  public func hasAttribute(_ name: String) throws -> Bool { try attribute(name) != nil }

  /// A string attribute of the root.
  public func string(attribute name: String) throws -> String {
    try read(attribute: name, as: "a string") { type, bytes in
      guard type.element == .string else { return nil }
      var strings = try HDF5Strings(type, in: content, at: place(name))
      return try strings.first(in: bytes)
    }
  }

  /// An integer attribute of the root.
  public func integer(attribute name: String) throws -> Int {
    try read(attribute: name, as: "an integer") { type, bytes in
      bytes.withUnsafeBytes { type.integers(in: $0)?.first }
    }
  }

  /// A boolean of the root: an integer, or the enumeration of FALSE and TRUE over a byte that h5py
  /// writes.
  public func bool(attribute name: String) throws -> Bool {
    try read(attribute: name, as: "true or false") { type, bytes in
      if case .enumeration = type.storage, type.size == 1 { return bytes.first != 0 }
      return bytes.withUnsafeBytes { type.integers(in: $0).map { $0.first != 0 } }
    }
  }

  private func attribute(_ name: String) throws -> HDF5Attribute? {
    let header = try HDF5ObjectHeader(at: root, in: content)
    let attributes = try header.all(.attribute).map { try HDF5Attribute($0, in: content) }
    if let attribute = attributes.first(where: { $0.name == name }) { return attribute }
    try HDF5Group(header, in: content).requireAttributesInHeader()
    return nil
  }

  /// Reads the attribute's one element by `value`, which returns nil where the type is none that it can read.
  private func read<Value>(
    attribute name: String, as expected: String,
    _ value: (_ type: HDF5Datatype, _ bytes: Data) throws -> Value?
  ) throws -> Value {
    guard let attribute = try attribute(name) else {
      throw Failure.badData("\(path) has no attribute \(name); write \(expected) there.")
    }
    let (type, count, bytes) = try attribute.content(at: place(name))
    guard count == 1, let value = try value(type, bytes) else {
      throw Failure.badData(
        "\(path): the attribute \(name) is \(type.element) with \(count) elements; write \(expected) there.")
    }
    return value
  }

  private func place(_ attribute: String) -> String { "\(path): the attribute \(attribute)" }
}
