import Foundation
import Support

/// How many elements a dataset or an attribute has (section IV.A.2.b).
struct HDF5Dataspace {
  /// None for a single element; [0] where there is nothing at all.
  let shape: [Int]
  let count: Int

  /// Reads a dataspace message of the object at `place`.
  init(_ message: Data, in file: HDF5Bytes, at place: String) throws {
    var reader = try file.reader(of: message)
    let version = try reader.byte()
    guard version == 1 || version == 2 else { throw file.unsupported("version \(version) of a dataspace") }
    let rank = try reader.byte()
    try reader.skip(1)
    let isNull = try reader.byte() == 2 && version == 2
    if version == 1 { try reader.skip(4) }
    let extents = try (0..<rank).map { _ in try reader.integer(UInt64.self) }
    let shape = extents.map { Int(clamping: $0) }
    guard let count = elementCount(of: shape), !shape.contains(.max) else {
      throw Failure.badData(
        "\(place) claims a shape of \(extents), more than any machine holds; recreate it.")
    }
    (self.shape, self.count) = isNull ? ([0], 0) : (shape, count)
  }
}
