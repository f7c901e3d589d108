/// What the elements of a dataset or an attribute are, as far as it matters here.
public enum HDF5ElementType: Equatable, Sendable, CustomStringConvertible {
  /// IEEE 754, little-endian.
  case float16, float32
  case integer(bits: Int)
  case string
  /// Anything else, described for people.
  case other(String)

  public var description: String {
    switch self {
    case .float16: "float16"
    case .float32: "float32"
    case .integer(let bits): "int\(bits)"
    case .string: "string"
    case .other(let description): description
    }
  }
}
