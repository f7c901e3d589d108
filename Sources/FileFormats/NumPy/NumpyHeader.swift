import Foundation
import Support

/// The header of a `.npy` file: a Python dictionary in text (NumPy enhancement proposal 1).
struct NumpyHeader {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  /// numpy.load reads no longer header either unless told to.
  private static let longest = 10_000

  /// numpy's type string, such as `<f4`.
  let type: String
  let isColumnMajor: Bool
  let shape: [Int]

  /// Reads the header; `reader` stands at the first element afterwards.
  init(from reader: inout ByteReader) throws {
    let name = reader.name
    guard try reader.take(Self.magic.count).elementsEqual(Self.magic) else {
      throw Failure.badData("\(name) is not a .npy file: it does not begin with numpy's magic string.")
    }
    let version = try reader.byte()
    try reader.skip(1)
    guard (1...3).contains(version) else {
      throw Failure.badData("\(name) has version \(version) of numpy's format, and versions 1 to 3 are read.")
    }
    let length = version == 1 ? try Int(reader.integer(UInt16.self)) : try reader.count(UInt32.self)
    let text = String(decoding: try reader.take(min(length, Self.longest)), as: UTF8.self)

    guard let order = text.firstMatch(of: /'fortran_order': *(True|False)/)?.1,
      let dimensions = text.firstMatch(of: /'shape': *\(([0-9L, ]*)\)/)?.1
    else { throw Failure.badData("\(name) is damaged: its numpy header reads \(text.prefix(80)).") }
    guard let type = text.firstMatch(of: /'descr': *'([^']*)'/)?.1 else {
      throw Failure.badData(
        "\(name) holds a structured array; save each of its fields as an array of its own.")
    }
    let shape = dimensions.replacing("L", with: "").split(separator: /[, ]+/).map { Int($0) }
    guard !shape.contains(nil) else {
      throw Failure.badData("\(name) is damaged: its shape is (\(dimensions)); make it again.")
    }
    self.type = String(type)
    isColumnMajor = order == "True"
    self.shape = shape.compactMap(\.self)
  }
}
