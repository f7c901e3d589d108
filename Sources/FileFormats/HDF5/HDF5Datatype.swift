import Foundation
import Support

/// The type of the elements of a dataset or an attribute, as the file stores them (section IV.A.2.d).
struct HDF5Datatype: Sendable {
  enum Storage: Sendable {
    case integer(isSigned: Bool, isBigEndian: Bool)
    /// Padded with NULs or, where it says so, with spaces.
    case fixedString(hasSpaces: Bool)
    /// A reference into a global heap.
    case variableString
    /// An enumeration, which here stands for its bytes as a signed number.
    case enumeration
    case other
  }

  let element: HDF5ElementType
  let storage: Storage
  /// Bytes of an element, at least 1.
  let size: Int

  /// Reads a datatype message.
  init(_ message: Data, in file: HDF5Bytes) throws {
    var reader = try file.reader(of: message)
    let kind = try reader.byte() & 0x0F
    let bits = try UInt32(reader.integer(UInt16.self)) | UInt32(reader.byte()) << 16
    size = try reader.count(UInt32.self)
    guard size > 0 else { throw file.damaged("a type has elements of 0 bytes") }
    let isBigEndian = bits & 1 != 0
    switch kind {
    case 0 where size <= 8:
      element = .integer(bits: 8 * size)
      let isWhole = try reader.integer(UInt16.self) == 0 && Int(reader.integer(UInt16.self)) == 8 * size
      guard isWhole else { throw file.unsupported("integers that do not fill their bytes") }
      storage = .integer(isSigned: bits & 8 != 0, isBigEndian: isBigEndian)
    case 1:
      element = try Self.floatingPoint(size: size, bits: bits, fields: reader.take(12))
      storage = .other
    case 3: (element, storage) = (.string, .fixedString(hasSpaces: bits & 0x0F == 2))
    case 9 where bits & 0x0F == 1 && size == 16: (element, storage) = (.string, .variableString)
    case 8: (element, storage) = (.other("an enumeration"), .enumeration)
    case 6: (element, storage) = (.other("a compound type"), .other)
    case 9, 10: (element, storage) = (.other("an array type"), .other)
    default: (element, storage) = (.other("an unusual type"), .other)
    }
  }

  private static func floatingPoint(size: Int, bits: UInt32, fields: Data) -> HDF5ElementType {
    // Where the bits of the number begin and how many they are, those of the exponent and of the mantissa,
    // and the exponent's bias.
    let half: [UInt8] = [0, 0, 16, 0, 10, 5, 0, 10, 15, 0, 0, 0]
    let single: [UInt8] = [0, 0, 32, 0, 23, 8, 0, 23, 127, 0, 0, 0]
    // Little-endian, with a first bit of the mantissa that is not stored, and the sign in the highest bit.
    let isUsual = bits & 0x71 == 0x20 && bits >> 8 & 0xFF == 8 * size - 1
    if isUsual, size == 2, fields.elementsEqual(half) { return .float16 }
    if isUsual, size == 4, fields.elementsEqual(single) { return .float32 }
    if bits & 1 != 0 { return .other("big-endian float\(8 * size)") }
    return .other(size == 2 ? "a 16-bit float other than IEEE 754's" : "float\(8 * size)")
  }

  /// The elements that `bytes` hold; nil where they are not integers. What does not fit is the nearest that
  /// does.
  func integers(in bytes: UnsafeRawBufferPointer) -> [Int]? {
    guard case .integer(let isSigned, let isBigEndian) = storage else { return nil }
    let unused = 64 - 8 * size
    return stride(from: 0, to: bytes.count - size + 1, by: size).map { start in
      var value: UInt64 = 0
      for byte in 0..<size {
        value = value << 8 | UInt64(bytes[start + (isBigEndian ? byte : size - 1 - byte)])
      }
      return isSigned ? Int(Int64(bitPattern: value << unused) >> unused) : Int(clamping: value)
    }
  }
}
