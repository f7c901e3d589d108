import Foundation
import Support

/// Reads what stands before the tensors' data.
struct GGUFParser {
  private var reader: ByteReader
  private let path: String

  init(_ bytes: Data, path: String) throws {
    reader = try ByteReader(bytes, name: path)
    self.path = path
  }

  mutating func parse() throws -> (metadata: [String: GGUFValue], tensors: [GGUFTensor]) {
    guard try reader.take(4) == Data("GGUF".utf8) else {
      throw Failure.badData("\(path) is no GGUF file, which begins with GGUF; download it again.")
    }
    let version = try reader.integer(UInt32.self)
    guard [2, 3].contains(version) else {
      let found = version.byteSwapped < 16 ? "in the other order of bytes" : "of version \(version)"
      throw Failure.badData(
        "\(path) is a GGUF file \(found), but Capstan reads versions 2 and 3, little-endian; convert it again."
      )
    }
    // The least bytes of a tensor's description: a name, one extent, type and offset; of a pair of metadata.
    let tensorCount = try count(leastBytes: 32)
    let pairCount = try count(leastBytes: 13)
    let metadata = try self.metadata(pairCount)
    var descriptions: [Description] = []
    for _ in 0..<tensorCount { descriptions.append(try description()) }
    return (metadata, try tensors(descriptions, alignment: alignment(metadata)))
  }

  private func damaged(_ what: String) -> Failure {
    .badData("\(path) is damaged: \(what); download it again.")
  }

  /// A number of things that take at least so many bytes each of what is left.
  private mutating func count(leastBytes: Int) throws -> Int {
    let count = try reader.count(UInt64.self)
    guard count <= reader.remaining / leastBytes else {
      throw damaged("it gives a count of \(count), more than its \(reader.bytes.count) bytes hold")
    }
    return count
  }

  private mutating func string() throws -> String {
    let length = try reader.count(UInt64.self)
    guard let string = String(validating: try reader.take(length), as: UTF8.self) else {
      throw damaged("a string before offset \(reader.position) is no UTF-8")
    }
    return string
  }

  // MARK: - Metadata

  private mutating func metadata(_ count: Int) throws -> [String: GGUFValue] {
    var metadata: [String: GGUFValue] = [:]
    for _ in 0..<count {
      let key = try string()
      let value = try value(type: reader.integer(UInt32.self), of: key)
      guard metadata.updateValue(value, forKey: key) == nil else {
        throw damaged("it has the key \(key.printableLine(longest: 80)) twice")
      }
    }
    return metadata
  }

  private mutating func value(type: UInt32, of key: String, isElement: Bool = false) throws -> GGUFValue {
    switch type {
    case 0: return .integer(Int(try reader.integer(UInt8.self)))
    case 1: return .integer(Int(try reader.integer(Int8.self)))
    case 2: return .integer(Int(try reader.integer(UInt16.self)))
    case 3: return .integer(Int(try reader.integer(Int16.self)))
    case 4: return .integer(Int(try reader.integer(UInt32.self)))
    case 5: return .integer(Int(try reader.integer(Int32.self)))
    case 6: return .number(Double(Float(bitPattern: try reader.integer(UInt32.self))))
    case 7: return .boolean(try reader.byte() != 0)
    case 8: return .string(try string())
    case 9 where !isElement:
      let type = try reader.integer(UInt32.self)
      let count = try count(leastBytes: Self.leastBytes[type] ?? 1)
      var values: [GGUFValue] = []
      for _ in 0..<count { values.append(try value(type: type, of: key, isElement: true)) }
      return .array(values)
    case 10: return .integer(try reader.count(UInt64.self))
    case 11: return .integer(Int(try reader.integer(Int64.self)))
    case 12: return .number(Double(bitPattern: try reader.integer(UInt64.self)))
    default:
      throw damaged(
        "\(key.printableLine(longest: 80)) has a value of type \(type), which Capstan does not know")
    }
  }

  /// Of an array's element, by its type.
  private static let leastBytes: [UInt32: Int] = [
    2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 8: 8, 10: 8, 11: 8, 12: 8,
  ]

  private func alignment(_ metadata: [String: GGUFValue]) throws -> Int {
    guard let value = metadata["general.alignment"] else { return 32 }
    guard let alignment = value.integer, alignment > 0, alignment <= 1 << 20, alignment.nonzeroBitCount == 1
    else {
      throw damaged("general.alignment is no power of two")
    }
    return alignment
  }

  // MARK: - Tensors

  private struct Description {
    let name: String
    let shape: [Int]
    let count: Int
    let type: UInt32
    let offset: Int
  }

  private mutating func description() throws -> Description {
    let name = try string()
    let extents = Int(try reader.integer(UInt32.self))
    guard (1...4).contains(extents) else {
      throw damaged(
        "\(name.printableLine(longest: 80)) has \(extents) dimensions, but a tensor has one to four")
    }
    var shape: [Int] = []
    for _ in 0..<extents { shape.insert(try reader.count(UInt64.self), at: 0) }
    let type = try reader.integer(UInt32.self)
    let offset = try reader.count(UInt64.self)
    guard let count = elementCount(of: shape), count > 0 else {
      throw damaged("\(name.printableLine(longest: 80)) has the shape \(shape)")
    }
    return Description(name: name, shape: shape, count: count, type: type, offset: offset)
  }

  private func tensors(_ descriptions: [Description], alignment: Int) throws -> [GGUFTensor] {
    let start = (reader.position + alignment - 1) / alignment * alignment
    guard descriptions.isEmpty || start <= reader.bytes.count else {
      throw damaged("it ends before its tensors")
    }
    let data = reader.bytes.dropFirst(start)
    var (names, ranges): (Set<String>, [Range<Int>]) = ([], [])
    let tensors = try descriptions.map { description in
      let name = description.name.printableLine(longest: 80)
      guard names.insert(description.name).inserted else { throw damaged("it has the tensor \(name) twice") }
      guard description.offset % alignment == 0, description.offset <= data.count else {
        throw damaged("\(name) begins at \(description.offset), which is no place in its data")
      }
      guard let type = GGUFType(rawValue: description.type) else {
        return GGUFTensor(
          name: description.name, shape: description.shape, type: description.type, bytes: nil)
      }
      let (width, (numbers, bytes)) = (description.shape.last ?? 1, type.block)
      guard width % numbers == 0 else {
        throw damaged("\(name) has rows of \(width) numbers, which are no blocks of \(numbers)")
      }
      let (size, overflow) = (description.count / numbers).multipliedReportingOverflow(by: bytes)
      guard !overflow, size <= data.count - description.offset else {
        throw damaged("\(name) of shape \(description.shape) goes beyond its end")
      }
      ranges.append(description.offset..<description.offset + size)
      let first = data.startIndex + description.offset
      return GGUFTensor(
        name: description.name, shape: description.shape, type: description.type,
        bytes: data[first..<first + size])
    }
    ranges.sort { $0.lowerBound < $1.lowerBound }
    if zip(ranges, ranges.dropFirst()).contains(where: { $0.overlaps($1) }) {
      throw damaged("its tensors overlap")
    }
    return tensors
  }
}
