import Foundation
import Support

extension PickleReader {
  /// What a call of an allowed function makes of its arguments.
  mutating func call(_ function: PickleGlobal.Function, _ arguments: [PickleValue]) throws -> PickleValue {
    let result: PickleValue? =
      switch function {
      case .rebuildTensor, .rebuildOldTensor: try tensor(arguments)
      case .rebuildParameter, .rebuildParameterWithState: arguments.first?.tensor.map(PickleValue.tensor)
      case .size: arguments.first.flatMap(dimensions).map { .tuple($0.map(PickleValue.integer)) }
      case .encode: try latin1(arguments)
      // An empty one, which protocols before 3 cannot spell otherwise.
      case .bytes: arguments.isEmpty ? .bytes(Data()) : nil
      case .loadFromBytes: try file(arguments)
      case .arrayFromBuffer: try arrayFromBuffer(arguments)
      case .numpyScalar: try scalar(arguments)
      case .orderedDictionary, .defaultDictionary, .numpyType, .reconstructArray: nil
      }
    guard let result else {
      throw damaged("calls \(function.rawValue) with other arguments than Python, torch and numpy give it")
    }
    return result
  }

  /// `(storage, offset, shape, strides, …)`; what follows is about gradients.
  private func tensor(_ arguments: [PickleValue]) throws -> PickleValue? {
    guard arguments.count >= 4, case .storage(let storage) = arguments[0], let offset = arguments[1].integer,
      let shape = dimensions(arguments[2]), let strides = dimensions(arguments[3])
    else { return nil }
    guard let tensor = TorchTensor(storage: storage, offset: offset, shape: shape, strides: strides) else {
      throw damaged("has a tensor of shape \(shape.prefix(8)) that does not fit into its storage")
    }
    return .tensor(tensor)
  }

  /// Integers, as many as a torch tensor may have dimensions.
  func dimensions(_ value: PickleValue) -> [Int]? {
    (value.elements?.count ?? 0) <= 64 ? value.integers : nil
  }

  /// `(text, "latin1")`: how protocols before 3 spell bytes.
  private mutating func latin1(_ arguments: [PickleValue]) throws -> PickleValue? {
    guard arguments.count == 2, let text = arguments[0].string, arguments[1].string == "latin1" else {
      return nil
    }
    try spend(text.utf8.count)
    let bytes = text.unicodeScalars.compactMap { UInt8(exactly: $0.value) }
    return bytes.count == text.unicodeScalars.count ? .bytes(Data(bytes)) : nil
  }

  /// `(bytes,)`: a torch file within a plain pickle, one for each storage.
  private mutating func file(_ arguments: [PickleValue]) throws -> PickleValue? {
    guard arguments.count == 1, case .bytes(let bytes) = arguments[0] else { return nil }
    guard case .inline = storages else { throw damaged("has a torch file within a torch file") }
    try spend(bytes.count)
    return try TorchLegacy(bytes, name: reader.name).value()
  }

  mutating func spend(_ bytes: Int) throws {
    guard bytes <= allowance else { throw damaged("decodes the same bytes over and over") }
    allowance -= bytes
  }
}
