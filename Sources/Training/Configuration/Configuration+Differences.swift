import Yams

/// A key that has another value than before.
public struct KeyDifference: Equatable, Sendable, CustomStringConvertible {
  public let key: String
  public let before: String
  public let now: String

  public var description: String { "\(key): \(before) → \(now)" }

  /// Whether the key's value may decide what a run comes to.
  var isMaterial: Bool { !Self.immaterial.contains(key) }

  /// Keys of which no result depends, and those that lead to what a checkpoint's identity tells better: the same
  /// vocabulary may be in another folder.
  static let immaterial: Set = [
    "run.directory", "run.threads", "run.stall_limit", "data.tokenizer", "model.language_model.size",
    "model.language_model.layers", "model.language_model.width", "model.language_model.heads",
    "model.language_model.positions", "train.steps", "train.epochs", "train.accumulation_steps",
    "train.activation_checkpointing", "train.precision", "train.gradient_reduce_dtype",
    "checkpoint.every_steps",
    "checkpoint.keep", "log.every_steps", "log.tensorboard",
  ]
}

extension Configuration {
  /// Keys whose values differ from another configuration's, in the order of the reference.
  public func differences(from other: Configuration) -> [KeyDifference] {
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
      KeyDifference(key: $0.key, before: $0.value, now: $1.value)
    }
  }
}
