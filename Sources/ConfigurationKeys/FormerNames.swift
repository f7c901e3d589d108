import Support
import Yams

/// Keys that earlier versions called otherwise are read, and written under their present names.
extension ConfigurationSection {
  /// The same tree with all keys under their present names.
  /// - Throws: `Failure.usage` where a key is there under both.
  static func withPresentNames(_ node: Node, at path: String = "") throws -> Node {
    guard let mapping = node.mapping else { return node }
    let prefix = path.isEmpty ? "" : path + "."
    return Node(
      try mapping.map { nameNode, value in
        guard let name = nameNode.scalar?.string, let key = key(named: name) else { return (nameNode, value) }
        guard name == key.name || mapping[Node(key.name)] == nil else {
          throw Failure.usage(
            "\(prefix)\(name) is the former name of \(prefix)\(key.name), and both are given; leave one of them out."
          )
        }
        return (Node(key.name), try key.section?.withPresentNames(value, at: prefix + key.name) ?? value)
      })
  }

  /// The path of a key by its present names.
  static func withPresentNames(_ path: ArraySlice<String>) -> [String] {
    guard let first = path.first, let key = key(named: first) else { return Array(path) }
    let rest = path.dropFirst()
    return [key.name] + (key.section?.withPresentNames(rest) ?? Array(rest))
  }

  private static func key(named name: String) -> ConfigurationKey<Self>? {
    keys.first { $0.name == name || $0.formerName == name }
  }
}
