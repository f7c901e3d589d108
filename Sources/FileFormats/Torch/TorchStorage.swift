import Foundation

/// The memory that torch tensors are views of, as a file holds it.
public struct TorchStorage: Sendable {
  let element: ElementType
  /// Elements in the storage.
  let count: Int
  let bytes: Data
}

/// How a pickle names a storage that lies elsewhere in its file: torch's persistent id.
struct TorchStorageName {
  let key: String
  let element: ElementType
  /// Elements in the storage.
  let count: Int

  /// Reads `("storage", class, key, location, count)`, in the legacy form with a view behind it, which must
  /// be none; nil when `id` is anything else.
  init?(_ id: PickleValue) {
    guard case .tuple(let fields) = id, fields.count == 5 || fields.count == 6, fields[0].string == "storage",
      case .global(.storageClass(let element)) = fields[1], let key = fields[2].string,
      let count = fields[4].integer, count >= 0, fields.dropFirst(5).allSatisfy(\.isNone)
    else { return nil }
    self.key = key
    self.element = element
    self.count = count
  }
}
