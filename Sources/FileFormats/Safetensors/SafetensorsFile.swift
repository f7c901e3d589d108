import Foundation
import Support

/// A safetensors file that is open for reading: named arrays behind a JSON header, mapped and read in place.
///
/// The format is https://github.com/huggingface/safetensors, "Format". The header is checked in full: at most
/// 100 MB of strict JSON, names that occur once, known element types, and data of exactly the size of the
/// shape that fill the rest of the file without overlaps or holes.
public struct SafetensorsFile: Sendable {
  public let path: String
  /// The header's `__metadata__`.
  public let metadata: [String: String]
  /// In the order of the arrays' data.
  public let names: [String]

  private let arrays: [String: StoredArray]

  /// Throws `Failure.badData` where the file is missing or is no safetensors file to the letter.
  public init(path: String) throws {
    let bytes = try Data(mapping: path)
    let header = try SafetensorsHeader(of: bytes, path: path)
    self.path = path
    metadata = header.metadata
    names = header.entries.map(\.name)
    arrays = Dictionary(uniqueKeysWithValues: header.entries.map { ($0.name, $0.array) })
  }

  /// The array of that name, in place and not converted.
  public func array(_ name: String) throws -> StoredArray {
    guard let array = arrays[name] else {
      let nearest = names.nearest(to: name).map { "; the nearest of its \(names.count) names is \($0)" } ?? ""
      throw Failure.badData("\(path) has no tensor \(name)\(nearest).")
    }
    return array
  }

  /// The extents of an array; none for a single number.
  public func shape(of name: String) throws -> [Int] { try array(name).shape }

  public func elementType(of name: String) throws -> ElementType { try array(name).element }

  /// The floating-point numbers of an array in single precision, row-major.
  public func floats(of name: String) throws -> [Float] { try floatingPoint(name).floats() }

  /// Copies the floating-point numbers of an array, as many as its shape has, in single precision.
  public func copyFloats(of name: String, to destination: UnsafeMutablePointer<Float>) throws {
    try floatingPoint(name).copyFloats(to: destination)
  }

  private func floatingPoint(_ name: String) throws -> StoredArray {
    let array = try array(name)
    guard array.element.isFloatingPoint else {
      throw Failure.badData(
        "\(path): \(name) is \(array.element), but floating-point numbers were expected.")
    }
    return array
  }
}
