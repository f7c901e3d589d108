import Foundation
import Support

/// A small value at a group (section IV.A.2.m). What type it is of is found out when it is read.
struct HDF5Attribute {
  let name: String
  private let type, space, bytes: Data
  private let file: HDF5Bytes

  /// Reads an attribute message.
  init(_ message: Data, in file: HDF5Bytes) throws {
    self.file = file
    var reader = try file.reader(of: message)
    let version = try reader.byte()
    guard (1...3).contains(version) else { throw file.unsupported("version \(version) of an attribute") }
    let areShared = try reader.byte() & 3 != 0 && version > 1
    guard !areShared else { throw file.unsupported("an attribute of a type that objects share") }
    let sizes = try (0..<3).map { _ in Int(try reader.integer(UInt16.self)) }
    try reader.skip(version == 3 ? 1 : 0)
    let parts = try sizes.map { size in
      let part = try reader.take(size)
      // Up to version 1 each begins at a multiple of 8.
      try reader.skip(version == 1 ? -size & 7 : 0)
      return part
    }
    name = String(decoding: parts[0].prefix { $0 != 0 }, as: UTF8.self)
    (type, space) = (parts[1], parts[2])
    bytes = try reader.take(reader.remaining)
  }

  /// The type, how many elements there are, and their bytes. `place` names the attribute in errors.
  func content(at place: String) throws -> (type: HDF5Datatype, count: Int, bytes: Data) {
    let type = try HDF5Datatype(type, in: file)
    let count = try HDF5Dataspace(space, in: file, at: place).count
    guard count <= bytes.count / type.size else { throw file.damaged("an attribute is cut off") }
    return (type, count, bytes.prefix(count * type.size))
  }
}
