import Foundation

/// What a pickle describes, as plain data.
public enum PickleValue: Sendable {
  case none
  case bool(Bool)
  case integer(Int)
  /// An integer of more than 64 bits: two's complement, little-endian.
  case bigInteger(Data)
  case float(Double)
  case string(String)
  case bytes(Data)
  case list([PickleValue])
  case tuple([PickleValue])
  /// In the order of the file; a key that comes twice has its last value.
  case dictionary([(key: PickleValue, value: PickleValue)])
  /// The name of a class or a function on the allow-list, which only ever is an argument or a callee.
  case global(PickleGlobal)
  /// The same holds for numpy's types.
  case numpyType(PickleNumpyType)
  indirect case storage(TorchStorage)
  indirect case tensor(TorchTensor)
  /// A class or a function that has no meaning here, by its name, or what it would have made: no value of any use.
  case opaque(String)
}

extension PickleValue {
  public var isNone: Bool { if case .none = self { true } else { false } }
  public var integer: Int? { if case .integer(let value) = self { value } else { nil } }
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var tensor: TorchTensor? { if case .tensor(let value) = self { value } else { nil } }

  /// The members of a list or a tuple.
  public var elements: [PickleValue]? {
    switch self {
    case .list(let elements), .tuple(let elements): elements
    default: nil
    }
  }

  /// The members of a list or a tuple of integers.
  public var integers: [Int]? {
    guard let integers = elements?.map(\.integer), !integers.contains(nil) else { return nil }
    return integers.compactMap(\.self)
  }

  /// What a dictionary has under a string.
  public subscript(key: String) -> PickleValue? {
    guard case .dictionary(let pairs) = self else { return nil }
    return pairs.last { $0.key.string == key }?.value
  }
}
