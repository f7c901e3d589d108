import Foundation
import Support

/// The bytes of an HDF5 file, whose structures point at each other by their addresses in it.
///
/// What Capstan reads of HDF5, and writes of it, is the part of the format that a store needs; the sections
/// that are cited are those of the HDF5 File Format Specification, version 3.0. The library is not used for
/// reading, since it crashes or hangs on many a damaged file (1.10.8), and here every byte is checked.
struct HDF5Bytes: Sendable {
  /// Mapped, for the structures.
  let data: Data
  /// For what the structures point to.
  let file: PositionedFile

  var path: String { file.path }

  /// Addresses that lead nowhere.
  static let undefined = UInt64.max

  init(_ file: PositionedFile) throws { (self.file, data) = (file, try file.mapped()) }

  /// Reads from `address` on. Throws `Failure.badData` where that is beyond the end.
  func reader(at address: UInt64) throws -> ByteReader {
    guard let position = Int(exactly: address), position < data.count else {
      throw damaged("it points to offset \(address) of its \(data.count) bytes")
    }
    return try ByteReader(data, name: path, position: position)
  }

  /// Reads what follows `signature` at `address`.
  func reader(at address: UInt64, after signature: String) throws -> ByteReader {
    var reader = try reader(at: address)
    guard try reader.take(signature.utf8.count).elementsEqual(signature.utf8) else {
      throw damaged("there is no \(signature) at offset \(address)")
    }
    return reader
  }

  /// Reads `part`, which is of this file.
  func reader(of part: Data) throws -> ByteReader { try ByteReader(part, name: path) }

  func damaged(_ fault: String) -> Failure {
    .badData("\(path) is damaged: \(fault); copy the file again or recreate it.")
  }

  /// Of HDF5's many forms, some that h5py's default does not write are not read.
  func unsupported(_ form: String) -> Failure {
    .badData(
      "\(path) has \(form), a form of HDF5 that is not read; copy its content into a new file of h5py's "
        + "default form.")
  }
}
