/// The members of an object of JSON, in the order of the file. Objects with the same keys share these: a file of captions
/// has millions of them.
public struct JSONObject: Equatable, Sendable {
  private let keys: [String]
  private let values: [JSONValue]

  /// `keys` and `values` belong together one by one.
  init(keys: [String], values: [JSONValue]) {
    precondition(keys.count == values.count, "each key has a value")
    (self.keys, self.values) = (keys, values)
  }
}

extension JSONObject: RandomAccessCollection {
  public var startIndex: Int { 0 }
  public var endIndex: Int { keys.count }
  public subscript(index: Int) -> JSONValue.Member {
    JSONValue.Member(key: keys[index], value: values[index])
  }
}

extension JSONObject: ExpressibleByArrayLiteral {
  public init(arrayLiteral members: JSONValue.Member...) {
    self.init(keys: members.map(\.key), values: members.map(\.value))
  }
}
