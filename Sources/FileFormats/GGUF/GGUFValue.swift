/// A value of a GGUF file's metadata.
public enum GGUFValue: Sendable, Equatable {
  case integer(Int)
  case number(Double)
  case boolean(Bool)
  case string(String)
  case array([GGUFValue])

  public var integer: Int? { if case .integer(let value) = self { value } else { nil } }

  /// Of an integer too.
  public var number: Double? {
    switch self {
    case .number(let value): value
    case .integer(let value): Double(value)
    case .boolean, .string, .array: nil
    }
  }

  public var boolean: Bool? { if case .boolean(let value) = self { value } else { nil } }
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  public var strings: [String]? { elements(\.string) }
  public var integers: [Int]? { elements(\.integer) }

  private func elements<Element>(_ element: (GGUFValue) -> Element?) -> [Element]? {
    guard case .array(let values) = self else { return nil }
    let elements = values.compactMap(element)
    return elements.count == values.count ? elements : nil
  }
}
