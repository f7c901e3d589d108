import CHDF5
import Essentials

/// Reads strings of one HDF5 type: of variable length or all of one length, in UTF-8 or its subset ASCII.
struct HDF5Strings {
  private let type: hid_t
  private let place: String
  private let isVariable: Bool
  /// Bytes of an element in memory.
  let stride: Int

  /// Longer ones are refused, so that a file that lies about the length cannot ask for all memory.
  private static let longest = 1 << 20

  /// `type` is the type in the file; `place` names it in errors.
  init(type: hid_t, of place: String) throws {
    self.type = type
    self.place = place
    isVariable = H5Tis_variable_str(type) > 0
    // One byte more than in the file, for the NUL that ends the string in memory.
    let length = H5Tget_size(type)
    guard isVariable || length <= Self.longest else {
      throw Failure.badData(
        "\(place) holds strings of \(length) bytes each; \(Self.longest) are the most, or store them with "
          + "variable length.")
    }
    stride = isVariable ? MemoryLayout<UnsafePointer<CChar>?>.stride : length + 1
  }

  /// `transfer` has HDF5 put `count` strings of a memory type into a buffer.
  func read(
    count: Int, _ transfer: (_ memoryType: hid_t, _ buffer: UnsafeMutableRawPointer) -> herr_t
  ) throws -> [String] {
    let memoryType = H5Tcopy(capstan_h5t_c_string())
    defer { H5Tclose(memoryType) }
    H5Tset_size(memoryType, isVariable ? capstan_h5t_variable() : stride)
    H5Tset_cset(memoryType, H5Tget_cset(type))

    let buffer = UnsafeMutableRawPointer.allocate(byteCount: max(1, count * stride), alignment: 8)
    defer { buffer.deallocate() }
    buffer.initializeMemory(as: UInt8.self, repeating: 0, count: count * stride)
    defer { if isVariable { reclaim(buffer, count: count, type: memoryType) } }
    try HDF5Library.check(transfer(memoryType, buffer), otherwise: unreadable(place))

    return try (0..<count).map { index in
      let element = buffer + index * stride
      let start =
        isVariable
        ? element.load(as: UnsafePointer<CChar>?.self)
        : UnsafePointer(element.assumingMemoryBound(to: CChar.self))
      guard let start else { return "" }  // how HDF5 gives some empty strings
      guard let string = String(validatingCString: start) else {
        throw Failure.badData(
          "\(place) is not UTF-8: one of its strings begins with \"\(String(cString: start).prefix(40))\"; "
            + "write it in UTF-8.")
      }
      return string
    }
  }

  private func reclaim(_ buffer: UnsafeMutableRawPointer, count: Int, type: hid_t) {
    var extent = hsize_t(count)
    let space = H5Screate_simple(1, &extent, nil)
    H5Dvlen_reclaim(type, space, 0, buffer)
    H5Sclose(space)
  }
}
