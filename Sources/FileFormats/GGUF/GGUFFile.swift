import Foundation
import Support

/// A GGUF file that is open for reading: metadata and named tensors, mapped and read in place.
///
/// The format is https://github.com/ggml-org/ggml/blob/master/docs/gguf.md, versions 2 and 3, little-endian. Everything
/// before the tensors' data is checked in full: counts that the file can hold, names that occur once, shapes of whole
/// blocks, and data that lie within the file at multiples of the alignment, without overlaps.
public struct GGUFFile: Sendable {
  public let path: String
  public let metadata: [String: GGUFValue]
  /// In the order of the file.
  public let names: [String]
  private let tensors: [String: GGUFTensor]

  /// - Throws: `Failure.badData` where the file is missing or is no such file.
  public init(path: String) throws {
    let bytes = try Data(mapping: path)
    var parser = try GGUFParser(bytes, path: path)
    let (metadata, tensors) = try parser.parse()
    self.path = path
    self.metadata = metadata
    names = tensors.map(\.name)
    self.tensors = Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0) })
  }

  /// Whether a path is that of a file that begins as these do.
  public static func isGGUF(_ path: String) throws -> Bool {
    guard FileKind(following: path) == .file else { return false }
    return try FileSignature(path: path) == .gguf
  }

  /// The tensor of that name: in place where its numbers are of a plain type, and as new float32 numbers where they
  /// are in blocks.
  /// - Throws: `Failure.badData` when there is none, or it is of a type that is not read.
  public func array(_ name: String) throws -> StoredArray {
    try tensor(name).array(path: path)
  }

  /// - Throws: `Failure.badData` when there is none.
  public func shape(of name: String) throws -> [Int] { try tensor(name).shape }

  private func tensor(_ name: String) throws -> GGUFTensor {
    guard let tensor = tensors[name] else { throw Failure.badData("\(path) has no tensor \(name).") }
    return tensor
  }

  /// As ggml calls it, such as `Q8_0`.
  public func typeName(of name: String) -> String? { tensors[name].map { GGUFType.name(of: $0.type) } }
}

/// A tensor as the file describes it.
struct GGUFTensor: Sendable {
  let name: String
  /// Row-major, as PyTorch has it: the file has the extents in reverse.
  let shape: [Int]
  /// ggml's number of the type.
  let type: UInt32
  /// Nil of a type that is not read.
  let bytes: Data?

  func array(path: String) throws -> StoredArray {
    guard let type = GGUFType(rawValue: type), let bytes else {
      throw Failure.badData(
        "\(path) has \(name) in the type \(GGUFType.name(of: type)), but Capstan reads \(GGUFType.known); convert it with "
          + "llama.cpp's llama-quantize.")
    }
    return type.array(shape: shape, bytes)
  }
}
