import Foundation

/// The type of a numpy array's elements, as a pickle has it.
public struct PickleNumpyType: Sendable {
  /// Kind and bytes, such as `f4`; of `U` the characters.
  let code: String
  var isBigEndian = false

  /// Nil where it is not one of numbers that are read.
  var element: ElementType? { NumpyType.element(code) }

  /// What has its bytes in reverse order where the type is big-endian.
  private var unit: Int {
    let size = Int(code.dropFirst()) ?? 1
    return ["U": 4, "S": 1][code.prefix(1)] ?? size
  }

  func littleEndian(_ bytes: Data) -> Data {
    let unit = unit
    guard isBigEndian, unit > 1, bytes.count.isMultiple(of: unit) else { return bytes }
    var swapped = Data(capacity: bytes.count)
    for start in stride(from: 0, to: bytes.count, by: unit) {
      swapped.append(contentsOf: bytes.dropFirst(start).prefix(unit).reversed())
    }
    return swapped
  }
}

/// A numpy array or type that a pickle is making. One instruction makes it and another gives it its state, and what
/// recalls it in between is to see that as well.
final class PickleNumpyObject {
  fileprivate(set) var value: PickleValue

  fileprivate init(_ value: PickleValue) { self.value = value }
}

/// Arrays are tensors, as torch's are; scalars are numbers and strings. An array or a scalar of a type that is not read
/// is opaque.
extension PickleReader {
  /// `numpy.dtype(code, …)` and `_reconstruct(numpy.ndarray, …)`; nil for another function.
  func numpyObject(
    _ function: PickleGlobal.Function, _ arguments: [PickleValue]
  ) throws -> PickleNumpyObject? {
    switch (function, arguments.first) {
    case (.numpyType, .string(let code)): PickleNumpyObject(.numpyType(PickleNumpyType(code: code)))
    case (.reconstructArray, .global(.numpyArray)): PickleNumpyObject(.opaque("numpy.ndarray"))
    default: nil
    }
  }

  /// Of a type `(version, order, …)`; of an array `(version, shape, type, whether it is column-major, content)`.
  mutating func setState(of object: PickleNumpyObject, to state: PickleValue) throws {
    let fields = state.elements ?? []
    if case .numpyType(var type) = object.value, fields.count > 1, let order = fields[1].string {
      type.isBigEndian = order == ">"
      object.value = .numpyType(type)
    } else if case .opaque = object.value, fields.count == 5, case .bool(let isColumnMajor) = fields[3] {
      object.value = try array(fields[4], fields[2], shape: fields[1], isColumnMajor: isColumnMajor)
    } else {
      throw damaged("gives numpy's objects another state than numpy does")
    }
  }

  /// `_frombuffer(content, type, shape, order)`, of protocol 5.
  mutating func arrayFromBuffer(_ arguments: [PickleValue]) throws -> PickleValue? {
    guard arguments.count >= 4, let order = arguments[3].string else { return nil }
    // Any other order is that of its axes.
    guard ["C", "F"].contains(order) else { return .opaque("numpy.ndarray") }
    return try array(arguments[0], arguments[1], shape: arguments[2], isColumnMajor: order == "F")
  }

  private mutating func array(
    _ content: PickleValue, _ type: PickleValue, shape: PickleValue, isColumnMajor: Bool
  ) throws -> PickleValue {
    if case .opaque = type { return .opaque("numpy.ndarray") }
    guard case .numpyType(let type) = type, let shape = dimensions(shape) else {
      throw damaged("has an array of numpy's without its type or its shape")
    }
    guard let element = type.element, let bytes = content.pythonBytes else {
      return .opaque("numpy.ndarray of \(type.code.prefix(8))")
    }
    if type.isBigEndian { try spend(bytes.count) }
    let strides = shape.indices.map { axis in
      (isColumnMajor ? shape[..<axis] : shape[(axis + 1)...]).reduce(1, &*)
    }
    let storage = TorchStorage(
      element: element, count: bytes.count / element.size, bytes: type.littleEndian(bytes))
    guard let tensor = TorchTensor(storage: storage, offset: 0, shape: shape, strides: strides),
      tensor.count * element.size == bytes.count
    else {
      throw damaged(
        "has an array of shape \(shape.prefix(8)) of \(element) in \(bytes.count) bytes")
    }
    return .tensor(tensor)
  }

  /// `scalar(type, content)`: a number or a string, or a tensor of no dimension in lower precision than Python's.
  mutating func scalar(_ arguments: [PickleValue]) throws -> PickleValue? {
    guard arguments.count == 2, case .numpyType(let type) = arguments[0] else { return nil }
    let opaque = PickleValue.opaque("numpy scalar of \(type.code.prefix(8))")
    guard let content = arguments[1].pythonBytes else { return opaque }
    try spend(content.count)
    let bytes = type.littleEndian(content)
    guard type.code.hasPrefix("U") || Int(type.code.dropFirst()) == bytes.count else { return nil }
    switch type.code.prefix(1) {
    case "b": return .bool(bytes.contains { $0 != 0 })
    case "i": return integer(bytes)
    case "u":
      guard bytes.count <= 8 else { return opaque }
      let number = bytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
      return Int(exactly: number).map(PickleValue.integer) ?? .bigInteger(bytes + [0])
    case "S": return .bytes(bytes)
    case "U": return NumpyType.characters(bytes.count / 4).string(in: bytes).map(PickleValue.string)
    case "f" where type.element == .float64:
      return .float(bytes.withUnsafeBytes { $0.loadUnaligned(as: Double.self) })
    default:
      guard let element = type.element else { return opaque }
      let storage = TorchStorage(element: element, count: 1, bytes: bytes)
      return TorchTensor(storage: storage, offset: 0, shape: [], strides: []).map(PickleValue.tensor)
    }
  }
}

extension PickleValue {
  /// Bytes, also as Python 2 writes them, whose strings they are.
  fileprivate var pythonBytes: Data? {
    switch self {
    case .bytes(let bytes): bytes
    case .string(let text): Data(text.utf8)
    default: nil
    }
  }
}
