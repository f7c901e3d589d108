import Yams

/// A key that has another value than before.
public struct KeyDifference: Equatable, Sendable, CustomStringConvertible {
  public let key: String
  public let before: String
  public let now: String

  /// Whether a result may depend on the key's value.
  public let isMaterial: Bool

  public var description: String { "\(key): \(before) → \(now)" }
}

extension ConfigurationDocument {
  /// Keys whose values differ from another configuration's, in the order of the reference.
  public func differences(from other: Self) -> [KeyDifference] {
    func text(_ node: Node) -> String {
      let entries = node.mapping?.map { "\(text($0.key)): \(text($0.value))" } ?? node.array().map(text)
      return node.scalar?.string ?? entries.joined(separator: node.mapping == nil ? "," : "; ")
    }
    func values(_ node: Node, _ path: String) -> [(key: String, value: String)] {
      guard let mapping = node.mapping else { return [(path, text(node))] }
      return mapping.flatMap {
        values($0.value, (path.isEmpty ? "" : path + ".") + ($0.key.scalar?.string ?? ""))
      }
    }
    return zip(values(other.node, ""), values(node, "")).filter { $0.value != $1.value }.map {
      KeyDifference(
        key: $0.key, before: $0.value, now: $1.value, isMaterial: !Self.immaterialKeys.contains($0.key))
    }
  }
}
