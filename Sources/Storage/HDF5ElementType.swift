import CHDF5

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

  /// Inside the library only.
  init(_ type: hid_t) {
    let bits = 8 * H5Tget_size(type)
    switch H5Tget_class(type) {
    case H5T_INTEGER: self = .integer(bits: bits)
    case H5T_STRING: self = .string
    case H5T_FLOAT where H5Tequal(type, capstan_h5t_float32()) > 0: self = .float32
    case H5T_FLOAT where Self.isHalf(type): self = .float16
    case H5T_FLOAT where H5Tget_order(type) == H5T_ORDER_BE: self = .other("big-endian float\(bits)")
    case H5T_FLOAT: self = .other(bits == 16 ? "a 16-bit float other than IEEE 754's" : "float\(bits)")
    case H5T_ENUM: self = .other("an enumeration")
    case H5T_COMPOUND: self = .other("a compound type")
    case H5T_ARRAY, H5T_VLEN: self = .other("an array type")
    default: self = .other("an unusual type")
    }
  }

  /// HDF5 1.10 has no name for half precision; h5py builds the type from its fields in this way.
  static func makeHalf() -> hid_t {
    let half = H5Tcopy(capstan_h5t_float32())
    H5Tset_fields(half, 15, 10, 5, 0, 10)
    H5Tset_size(half, 2)
    H5Tset_ebias(half, 15)
    return half
  }

  private static func isHalf(_ type: hid_t) -> Bool {
    let half = makeHalf()
    defer { H5Tclose(half) }
    return H5Tequal(type, half) > 0
  }
}
