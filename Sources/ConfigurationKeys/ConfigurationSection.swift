import Support
import Yams

/// A group of keys, each with a default and a sentence of documentation. Reading, writing, the check for unknown keys
/// and the reference all come from the one list of keys.
public protocol ConfigurationSection: ConfigurationValue {
  init()
  static var keys: [ConfigurationKey<Self>] { get }
}

public struct ConfigurationKey<Section> {
  public let name: String
  /// What earlier versions called it.
  let formerName: String?
  /// Where the key is a section, whose keys are below it.
  let section: (any ConfigurationSection.Type)?
  let help: String
  let read: (inout Section, Node, _ path: String) throws -> Void
  let write: (Section) -> Node
  /// The documentation of the keys below this one, where it is a section.
  let inner: (Section, _ path: String) -> [KeyReference]?
  let expectation: String

  public init<Value: ConfigurationValue>(
    _ name: String, formerly formerName: String? = nil, _ path: WritableKeyPath<Section, Value>,
    _ help: String
  ) {
    self.init(name, formerly: formerName, get: { $0[keyPath: path] }, set: { $0[keyPath: path] = $1 }, help)
  }

  public init<Value: ConfigurationValue>(
    _ name: String, formerly formerName: String? = nil, get: @escaping (Section) -> Value,
    set: @escaping (inout Section, Value) -> Void, _ help: String
  ) {
    self.name = name
    self.formerName = formerName
    section = Value.self as? any ConfigurationSection.Type
    self.help = help
    read = { section, node, name in
      var value = get(section)
      try value.update(node, at: name)
      set(&section, value)
    }
    write = { get($0).node }
    inner = { (get($0) as? any ConfigurationSection)?.reference(at: $1) }
    expectation = Value.expectation
  }

  /// A key of an inner section as one of the outer.
  public init<Inner>(
    _ key: ConfigurationKey<Inner>, get: @escaping (Section) -> Inner,
    set: @escaping (inout Section, Inner) -> Void
  ) {
    name = key.name
    formerName = key.formerName
    section = key.section
    help = key.help
    read = { section, node, name in
      var value = get(section)
      try key.read(&value, node, name)
      set(&section, value)
    }
    write = { key.write(get($0)) }
    inner = { key.inner(get($0), $1) }
    expectation = key.expectation
  }
}

/// One line of the configuration reference.
public struct KeyReference: Sendable {
  public let path: String
  public let defaultValue: String
  public let expectation: String
  public let help: String
}

extension ConfigurationSection {
  public static var expectation: String { "a section with keys " + keys.map(\.name).joined(separator: ", ") }

  public init(_ node: Node, at path: String) throws {
    self.init()
    try update(node, at: path)
  }

  public mutating func update(_ node: Node, at path: String) throws {
    // An empty section in YAML is null: all defaults.
    if node.null != nil { return }
    guard let mapping = node.mapping else { throw Self.mismatch(node, at: path) }
    let prefix = path.isEmpty ? "" : path + "."
    for (nameNode, value) in mapping {
      let name = nameNode.scalar?.string ?? "?"
      guard let key = Self.keys.first(where: { $0.name == name }) else {
        throw UnknownKey(name: name, section: path, siblings: Self.keys.map(\.name))
      }
      try key.read(&self, value, prefix + name)
    }
  }

  public var node: Node {
    Node(Self.keys.map { (Node($0.name), $0.write(self)) })
  }

  /// Every key below this section with its value, which in a new section is the default.
  public func reference(at path: String = "") -> [KeyReference] {
    Self.keys.flatMap { key -> [KeyReference] in
      let name = path.isEmpty ? key.name : "\(path).\(key.name)"
      if let inner = key.inner(self, name) { return inner }
      let written = (try? Yams.serialize(node: key.write(self))) ?? ""
      let value = written.split(separator: "\n").first { !$0.hasPrefix("---") && $0 != "..." } ?? ""
      return [
        KeyReference(path: name, defaultValue: String(value), expectation: key.expectation, help: key.help)
      ]
    }
  }
}
