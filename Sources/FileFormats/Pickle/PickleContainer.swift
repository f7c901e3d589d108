/// A list or a dictionary that a pickle is filling.
///
/// It is sealed when it becomes part of another value. What is sealed does not change any more, so a pickle
/// that puts a container into itself, however indirectly, is found out, and values are trees.
final class PickleContainer {
  /// Levels of nesting, this one included.
  private(set) var depth = 1
  private var elements: [PickleValue] = []
  private var pairs: [(key: PickleValue, value: PickleValue)] = []
  private var sealed: PickleValue?
  let isDictionary: Bool

  init(isDictionary: Bool) { self.isDictionary = isDictionary }

  var isSealed: Bool { sealed != nil }

  /// The content, final.
  func seal() -> PickleValue {
    let value = sealed ?? (isDictionary ? .dictionary(pairs) : .list(elements))
    sealed = value
    return value
  }

  func append(_ element: PickleItem) {
    elements.append(element.value)
    depth = max(depth, element.depth + 1)
  }

  func set(_ key: PickleItem, to value: PickleItem) {
    pairs.append((key.value, value.value))
    depth = max(depth, key.depth + 1, value.depth + 1)
  }
}

/// A finished value, and how many levels of nesting it has.
struct PickleItem {
  let value: PickleValue
  let depth: Int
}
