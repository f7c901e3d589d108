/// What an HDF5 file of others holds.
public struct HDF5Listing: Codable, Sendable {
  public struct Dataset: Codable, Sendable {
    /// Its path in the file, without the first slash: `features`, `train/image_ids`.
    public let name: String
    public let shape: [Int]
    /// As numpy calls it (`float32`, `int64`), `string`, or HDF5's word for what is not read.
    public let type: String

    public init(name: String, shape: [Int], type: String) {
      (self.name, self.shape, self.type) = (name, shape, type)
    }

    public var isFloatingPoint: Bool { type.hasPrefix("float") }
    public var isString: Bool { type == "string" }
    /// The group that it is in; empty for the root.
    public var group: String { name.lastIndex(of: "/").map { String(name[..<$0]) } ?? "" }
  }

  /// Sorted by name.
  public let datasets: [Dataset]
  /// The root's strings, integers and booleans.
  public let attributes: [String: String]
}
