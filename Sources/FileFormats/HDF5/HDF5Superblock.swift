import Foundation
import Support

/// The beginning of an HDF5 file, versions 0 to 3 (section II.A).
struct HDF5Superblock {
  static let signature = Data([0x89, 0x48, 0x44, 0x46, 0x0D, 0x0A, 0x1A, 0x0A])

  /// Where the header of the root group is.
  let root: UInt64

  /// Throws `Failure.badData` where the file is cut short, is being written, or has addresses of another
  /// size than 8 bytes.
  init(of file: HDF5Bytes) throws {
    var reader = try file.reader(of: file.data)
    try reader.skip(Self.signature.count)
    let version = try reader.byte()
    guard version <= 3 else { throw file.unsupported("version \(version) of the superblock") }
    if version < 2 { try reader.skip(4) }
    guard try reader.byte() == 8, try reader.byte() == 8 else {
      throw file.unsupported("addresses or lengths of other than 8 bytes")
    }
    if version < 2 {
      try reader.skip(version == 0 ? 9 : 13)
    } else {
      let flags = try reader.byte()
      guard version == 2 || flags & 1 == 0 else {
        throw Failure.badData(
          "\(file.path) is marked as open for writing; wait until its writer has closed it, or clear the "
            + "mark with h5clear -s.")
      }
    }
    guard try reader.integer(UInt64.self) == 0 else { throw file.unsupported("a base address") }
    try reader.skip(8)
    let end = try reader.integer(UInt64.self)
    guard end <= file.data.count else {
      throw Failure.badData(
        "\(file.path) is cut short: it has \(file.data.count) bytes of \(end); copy it again or recreate it."
      )
    }
    // Before version 2 the address follows the driver's and the offset of a name.
    if version < 2 { try reader.skip(16) }
    root = try reader.integer(UInt64.self)
  }
}
