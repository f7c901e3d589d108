import Foundation
import Support

/// An array from a `.npy` file, format versions 1 to 3, or from an entry of a `.npz` file.
///
/// Object arrays are refused: numpy stores them as a pickle, which is a program.
public enum NumpyArray: Sendable {
  case numbers(StoredArray)
  case strings([String], shape: [Int])

  public var shape: [Int] {
    switch self {
    case .numbers(let array): array.shape
    case .strings(_, let shape): shape
    }
  }

  /// Whether `bytes` begin as a `.npy` file does.
  public static func recognizes(_ bytes: Data) -> Bool { bytes.starts(with: NumpyHeader.magic) }

  /// Reads a whole `.npy` file. `name` is the file's, for messages.
  ///
  /// Throws `Failure.badData` when the file is damaged, or holds a type or an order that is not read.
  public init(_ bytes: Data, name: String) throws {
    var reader = try ByteReader(bytes, name: name)
    let header = try NumpyHeader(from: &reader)
    let type = try NumpyType(header.type, name: name)
    let content = try reader.take(reader.remaining)
    guard let count = elementCount(of: header.shape), type.size > 0,
      case (let size, let overflow) = count.multipliedReportingOverflow(by: type.size), !overflow,
      size == content.count
    else {
      throw Failure.badData(
        "\(name) is truncated or damaged: its header declares shape \(header.shape) of type \(header.type), "
          + "and \(content.count) bytes follow; copy it or make it again.")
    }
    let columnMajor = header.isColumnMajor ? StridedLayout.columnMajor(header.shape) : nil
    let rowMajor = columnMajor?.rowMajor(from: content, elementSize: type.size) ?? content

    switch type {
    case .number(let element):
      self = .numbers(StoredArray(shape: header.shape, element: element, bytes: rowMajor))
    case .characters, .bytes:
      let strings = (0..<count).compactMap {
        type.string(in: rowMajor.dropFirst($0 * type.size).prefix(type.size))
      }
      guard strings.count == count else {
        throw Failure.badData("\(name) holds a string that is not valid Unicode; save the strings again.")
      }
      self = .strings(strings, shape: header.shape)
    }
  }
}
