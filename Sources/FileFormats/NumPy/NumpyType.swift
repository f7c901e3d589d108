import Foundation
import Support

/// The type of a `.npy` file's elements.
enum NumpyType {
  case number(ElementType)
  /// `<U`: so many UTF-32 code units, padded with zeros.
  case characters(Int)
  /// `|S`: so many bytes, here of UTF-8, padded with zeros.
  case bytes(Int)

  /// Reads a type string such as `<f4`. `name` is the file's, for messages.
  init(_ description: String, name: String) throws {
    let isText = ["U", "S"].contains(description.dropFirst().prefix(1))
    if isText, !description.hasPrefix(">"), let count = Int(description.dropFirst(2)),
      (0...1 << 20).contains(count)
    {
      self = description.dropFirst().hasPrefix("U") ? .characters(count) : .bytes(count)
    } else if let element = Self.elements[description] {
      self = .number(element)
    } else if description.hasPrefix("|O") {
      throw Failure.badData(
        "\(name) holds Python objects (\(description)), which numpy stores as a pickle, and a pickle is a "
          + "program; save numbers or strings, for example with .astype('float32') or .astype('U').")
    } else {
      throw Failure.badData(
        "\(name) holds elements of type \(description), but only little-endian f2, f4, f8, i1, i2, i4, i8, "
          + "u1, b1, U and S are read; convert it with .astype.")
    }
  }

  /// Bytes of one element.
  var size: Int {
    switch self {
    case .number(let element): element.size
    case .characters(let count): 4 * count
    case .bytes(let count): count
    }
  }

  /// The string that an element of text spells, without its padding; nil when it is not valid Unicode.
  func string(in element: Data) -> String? {
    switch self {
    case .number: nil
    case .bytes: String(validating: element.prefix { $0 != 0 }, as: UTF8.self)
    case .characters(let count):
      element.withUnsafeBytes { units in
        let codes = (0..<count).lazy.map { units.loadUnaligned(fromByteOffset: 4 * $0, as: UInt32.self) }
        return String(validating: codes.prefix { $0 != 0 }, as: UTF32.self)
      }
    }
  }

  /// numpy's name of a type; nil where it has none, as for bfloat16.
  static func name(of element: ElementType) -> String? { elements.first { $0.value == element }?.key }

  /// By kind and bytes, without the byte order; nil for what is not read.
  static func element(_ code: String) -> ElementType? { elements["<" + code] ?? elements["|" + code] }

  private static let elements: [String: ElementType] = [
    "<f2": .float16, "<f4": .float32, "<f8": .float64, "<i2": .int16, "<i4": .int32, "<i8": .int64,
    "|i1": .int8, "|u1": .uint8, "|b1": .bool,
  ]
}
