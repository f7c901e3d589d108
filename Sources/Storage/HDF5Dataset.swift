import CHDF5
import Essentials
import Foundation

/// A dataset of a file that is open for reading.
public final class HDF5Dataset {
  /// Its path inside the file.
  public let name: String
  public let shape: [Int]
  public let elementType: HDF5ElementType
  /// Elements in all.
  public let count: Int

  private let file: HDF5File
  private let id: hid_t
  private let elementSize: Int
  private var place: String { "\(file.path): \(name)" }

  init(_ name: String, in file: HDF5File) throws {
    self.name = name
    self.file = file
    let place = "\(file.path): \(name)"
    (id, elementType, elementSize, shape) = try HDF5Library.enter {
      let id = try HDF5Library.check(H5Dopen2(file.id, name, 0)) { reason in
        .badData("\(file.path) has no dataset \(name) (\(reason)); write it as the data format asks.")
      }
      do {
        let type = try HDF5Library.check(H5Dget_type(id), otherwise: unreadable(place))
        defer { H5Tclose(type) }
        return (id, HDF5ElementType(type), H5Tget_size(type), try Self.shape(of: id, at: place))
      } catch {
        H5Dclose(id)
        throw error
      }
    }
    count = shape.reduce(1, *)
  }

  deinit { HDF5Library.enter { _ = H5Dclose(id) } }

  /// The elements in place, in row-major order and as the file has them; they need not be aligned.
  ///
  /// Throws `Failure.badData` where they do not stand in one piece (chunked or compressed storage), where
  /// they were never written or stand in another file, and where the file ends before they do.
  public func mappedBytes() throws -> Data {
    let (offset, size) = HDF5Library.enter { (H5Dget_offset(id), Int(clamping: H5Dget_storage_size(id))) }
    guard isContiguous else {
      throw Failure.badData(
        "\(place) is chunked or compressed; store it in one piece, which in h5py is "
          + "`x = f[\"\(name)\"][()]; del f[\"\(name)\"]; f[\"\(name)\"] = x`.")
    }
    guard offset != capstan_h5_undefined_address(), size > 0 else {
      throw Failure.badData(
        "\(place) holds no data in this file, for nothing was written there; write it anew.")
    }
    let (end, overflow) = Int(clamping: offset).addingReportingOverflow(size)
    guard !overflow, end <= file.bytes.count, size / elementSize == count else {
      throw Failure.badData(
        "\(place) has \(size) bytes from offset \(offset), but the file ends at \(file.bytes.count); it is "
          + "cut short: copy it again or make it anew.")
    }
    return file.bytes[end - size..<end]
  }

  /// The elements of a dataset of strings with one dimension.
  public func strings() throws -> [String] {
    guard shape.count == 1, elementType == .string else { throw otherForm("strings") }
    return try HDF5Library.enter {
      let type = try HDF5Library.check(H5Dget_type(id), otherwise: unreadable(place))
      defer { H5Tclose(type) }
      let strings = try HDF5Strings(type: type, of: place)
      var result: [String] = []
      try forEachPiece(elementSize: strings.stride) { count, memory, selection in
        result += try strings.read(count: count) { H5Dread(id, $0, memory, selection, 0, $1) }
      }
      return result
    }
  }

  /// The elements of a dataset of integers with one dimension.
  public func integers() throws -> [Int] {
    guard shape.count == 1, case .integer = elementType else { throw otherForm("integers") }
    return try HDF5Library.enter {
      var result: [Int] = []
      try forEachPiece(elementSize: MemoryLayout<Int>.stride) { count, memory, selection in
        result += try [Int](unsafeUninitializedCapacity: count) { buffer, filled in
          let status = H5Dread(id, capstan_h5t_native_int64(), memory, selection, 0, buffer.baseAddress)
          try HDF5Library.check(status, otherwise: unreadable(place))
          filled = count
        }
      }
      return result
    }
  }

  private func otherForm(_ expected: String) -> Failure {
    .badData("\(place) is \(elementType) of the shape \(shape); write it as \(expected) with one dimension.")
  }

  private var isContiguous: Bool {
    HDF5Library.enter {
      let properties = H5Dget_create_plist(id)
      defer { H5Pclose(properties) }
      return H5Pget_layout(properties) == H5D_CONTIGUOUS
    }
  }

  /// Hands `body` a piece of some mebibytes after the other, as the dataspaces of the memory and of the
  /// selection in the file, so that reading never needs much more memory than the result.
  private func forEachPiece(
    elementSize: Int, _ body: (_ count: Int, _ memory: hid_t, _ selection: hid_t) throws -> Void
  ) throws {
    // No compression of HDF5's packs tighter than deflate's 1032 : 1; a file that claims more is broken.
    guard count / 1032 <= file.bytes.count / elementSize else {
      throw Failure.badData(
        "\(place) claims \(count) elements of \(elementSize) bytes, more than a file of "
          + "\(file.bytes.count) bytes can hold; make it anew.")
    }
    let selection = try HDF5Library.check(H5Dget_space(id), otherwise: unreadable(place))
    defer { H5Sclose(selection) }
    let most = max(1, (4 << 20) / elementSize)
    for start in stride(from: 0, to: count, by: most) {
      var first = hsize_t(start), length = hsize_t(min(most, count - start))
      let memory = H5Screate_simple(1, &length, nil)
      defer { H5Sclose(memory) }
      let selected = H5Sselect_hyperslab(selection, H5S_SELECT_SET, &first, nil, &length, nil)
      try HDF5Library.check(selected, otherwise: unreadable(place))
      try body(Int(length), memory, selection)
    }
  }

  /// Inside the library only.
  private static func shape(of id: hid_t, at place: String) throws -> [Int] {
    let space = try HDF5Library.check(H5Dget_space(id), otherwise: unreadable(place))
    defer { H5Sclose(space) }
    guard H5Sget_simple_extent_type(space) != H5S_NULL else { return [0] }
    let rank = try HDF5Library.check(H5Sget_simple_extent_ndims(space), otherwise: unreadable(place))
    var extents = [hsize_t](repeating: 0, count: Int(rank))
    H5Sget_simple_extent_dims(space, &extents, nil)
    var count = 1
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: Int(clamping: extent))
      guard !overflow, extent <= Int.max else {
        throw Failure.badData(
          "\(place) claims a shape of \(extents), more than any machine holds; make it anew.")
      }
      count = product
    }
    return extents.map { Int($0) }
  }
}
