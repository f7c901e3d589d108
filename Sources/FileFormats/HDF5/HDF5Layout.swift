import Foundation
import Support

/// Where the elements of a dataset are (section IV.A.2.i).
enum HDF5Layout {
  /// In one piece of the file.
  case contiguous(Range<Int>)
  case chunked(HDF5Chunks)
  /// Not in this file.
  case nothing

  /// Reads a layout message, and the one of the filters, which only chunks have.
  init(_ message: Data, filters: Data?, in file: HDF5Bytes) throws {
    var reader = try file.reader(of: message)
    let (version, form) = try (reader.byte(), reader.byte())
    switch (version, form) {
    case (3...4, 0):
      let size = Int(try reader.integer(UInt16.self))
      // Slices of a file's bytes keep their places in it.
      self = .contiguous(try reader.take(size).indices)
    case (3...4, 1):
      let (address, size) = try (reader.integer(UInt64.self), reader.count(UInt64.self))
      guard address != HDF5Bytes.undefined, size > 0 else {
        self = .nothing
        return
      }
      guard let start = Int(exactly: address), size <= file.data.count, start <= file.data.count - size else {
        throw Failure.badData(
          "\(file.path) has \(size) bytes of data from offset \(address), but ends at \(file.data.count); it "
            + "is cut short: copy it again or recreate it.")
      }
      self = .contiguous(start..<start + size)
    case (3, 2):
      let dimensions = Int(try reader.byte())
      let tree = try reader.integer(UInt64.self)
      let extents = try (0..<dimensions).map { _ in Int(try reader.integer(UInt32.self)) }
      guard tree != HDF5Bytes.undefined else {
        self = .nothing
        return
      }
      self = .chunked(
        HDF5Chunks(
          tree: tree, extents: extents, filters: try HDF5Filter.filters(in: filters, of: file), file: file))
    default: throw file.unsupported("data in form \(form) of version \(version)")
    }
  }
}
