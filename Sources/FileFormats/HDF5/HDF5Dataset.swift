import Foundation
import Support

/// A dataset of a file that is open for reading.
public final class HDF5Dataset {
  /// Its path inside the file.
  public let name: String
  public let shape: [Int]
  /// Elements in all.
  public let count: Int
  public var elementType: HDF5ElementType { type.element }

  /// Open, for that keeps the lock.
  private let file: HDF5File
  private let type: HDF5Datatype
  private let layout: HDF5Layout
  private var place: String { "\(file.path): \(name)" }

  init(_ name: String, header: HDF5ObjectHeader, in file: HDF5File) throws {
    let content = file.content
    guard let type = try header.first(.datatype), let space = try header.first(.dataspace),
      let layout = try header.first(.layout)
    else {
      throw Failure.badData(
        "\(file.path) has no dataset \(name) but a group of that name; write it as the data format asks.")
    }
    let dataspace = try HDF5Dataspace(space, in: content, at: "\(file.path): \(name)")
    (self.name, self.file, shape, count) = (name, file, dataspace.shape, dataspace.count)
    self.type = try HDF5Datatype(type, in: content)
    self.layout = try HDF5Layout(layout, filters: header.first(.filters), in: content)
  }

  /// The elements in the file, in row-major order and as the file has them.
  ///
  /// Throws `Failure.badData` where they do not stand in one piece (chunked or compressed storage), where
  /// they were never written or stand in another file, and where the file ends before they do.
  public func region() throws -> FileRegion {
    switch layout {
    case .chunked:
      throw Failure.badData(
        "\(place) is chunked or compressed, but is read in one piece; `capstan data import \(file.path) --out FILE.h5` "
          + "stores it so.")
    case .nothing:
      throw Failure.badData(
        "\(place) holds no data in this file, for nothing was written there; write it again.")
    case .contiguous(let range):
      guard count <= range.count / type.size else {
        throw Failure.badData(
          "\(place) has \(range.count) bytes, too few for the shape \(shape) of \(elementType); copy the file "
            + "again or recreate it.")
      }
      return FileRegion(file: file.content.file, range: range.prefix(count * type.size))
    }
  }

  /// The elements of a dataset of strings with one dimension.
  public func strings() throws -> StringColumn {
    guard shape.count == 1, elementType == .string else { throw otherForm("strings") }
    let strings = try HDF5Strings(type, in: file.content, at: place, count: count)
    return StringColumn(count: count, elements: try elements(), elementSize: type.size, strings: strings)
  }

  /// The elements of a dataset of integers with one dimension.
  public func integers() throws -> IntegerColumn {
    guard shape.count == 1, case .integer = type.storage else { throw otherForm("integers") }
    return IntegerColumn(count: count, elements: try elements(), type: type)
  }

  private func otherForm(_ expected: String) -> Failure {
    .badData("\(place) is \(elementType) of the shape \(shape); write it as \(expected) with one dimension.")
  }

  /// The elements of a dataset with one dimension, in whatever pieces they stand.
  private func elements() throws -> HDF5Elements {
    guard case .chunked(let chunks) = layout, count > 0 else {
      return count == 0 ? .inMemory([]) : .inFile(try region())
    }
    // What they take in memory once they are strings or integers.
    let size = max(type.size, MemoryLayout<String>.stride)
    let most = inflationLimit(storedSize: file.content.data.count) / size
    guard count <= most else {
      throw Failure.badData(
        "\(place) claims \(count) elements of \(type.size) bytes, more than a file of "
          + "\(file.content.data.count) bytes can hold; recreate it.")
    }
    return .inMemory([UInt8](try chunks.bytes(count: count, elementSize: type.size)))
  }
}
