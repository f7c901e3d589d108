import Foundation

extension StoredArray {
  /// The rows of several arrays, one array after the other; nil unless they have the same type and shape, but
  /// for the first dimension.
  public init?(rowsOf arrays: [StoredArray]) {
    guard let first = arrays.first, !first.shape.isEmpty,
      arrays.allSatisfy({
        $0.element == first.element && $0.shape.dropFirst() == first.shape.dropFirst()
      })
    else { return nil }
    self.init(
      shape: [arrays.reduce(0) { $0 + $1.shape[0] }] + first.shape.dropFirst(), element: first.element,
      bytes: arrays.count == 1 ? first.bytes : arrays.reduce(into: Data()) { $0.append($1.bytes) })
  }
}
