/// A value of JSON, as a file has it.
public enum JSONValue: Equatable, Sendable {
  case null
  case bool(Bool)
  /// As it is spelled, so that an id keeps its digits; also Python's `NaN` and `Infinity`.
  case number(String)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)

  public struct Member: Equatable, Sendable {
    public let key: String
    public let value: JSONValue
  }
}

extension JSONValue {
  public var array: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
  public var object: JSONObject? { if case .object(let members) = self { members } else { nil } }
  public var string: String? { if case .string(let value) = self { value } else { nil } }

  /// What an object has under a key; of a key that comes twice the last, as in Python.
  public subscript(key: String) -> JSONValue? { object?.last { $0.key == key }?.value }
}
