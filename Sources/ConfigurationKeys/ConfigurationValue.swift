import Support
import Yams

/// Something that a configuration key can hold: read from a YAML node, and written back to one.
public protocol ConfigurationValue {
  /// What the value looks like, for error messages: “a number”, “one of: a, b”.
  static var expectation: String { get }
  /// - Parameter path: the key's full name, for messages.
  /// - Throws: `Failure.usage` when the node is something else.
  init(_ node: Node, at path: String) throws
  /// Takes what a node says over what the value was: a section keeps the keys that the node does not name.
  mutating func update(_ node: Node, at path: String) throws
  var node: Node { get }
}

extension ConfigurationValue {
  public mutating func update(_ node: Node, at path: String) throws { self = try Self(node, at: path) }

  public static func mismatch(_ node: Node, at path: String) -> Failure {
    let found =
      switch node {
      case .scalar(let scalar): scalar.string.isEmpty ? "empty" : "“\(scalar.string)”"
      case .sequence: "a list"
      case .mapping: "a section"
      default: "an alias"
      }
    return .usage(
      "\(path.isEmpty ? "The configuration" : path) is \(found), but must be \(expectation); correct the configuration."
    )
  }
}

extension Int: ConfigurationValue {
  public static var expectation: String { "an integer" }
  public init(_ node: Node, at path: String) throws {
    guard let value = node.int else { throw Self.mismatch(node, at: path) }
    self = value
  }
  public var node: Node { Node(String(self)) }
}

extension Double: ConfigurationValue {
  public static var expectation: String { "a finite number" }
  public init(_ node: Node, at path: String) throws {
    guard let value = node.scalar.flatMap({ Double($0.string) }), value.isFinite else {
      throw Self.mismatch(node, at: path)
    }
    self = value
  }
  public var node: Node { Node(String(self)) }
}

extension Bool: ConfigurationValue {
  public static var expectation: String { "true or false" }
  public init(_ node: Node, at path: String) throws {
    guard let value = node.bool else { throw Self.mismatch(node, at: path) }
    self = value
  }
  public var node: Node { Node(String(self)) }
}

extension String: ConfigurationValue {
  public static var expectation: String { "text" }
  public init(_ node: Node, at path: String) throws {
    guard node.null == nil, let value = node.scalar?.string else { throw Self.mismatch(node, at: path) }
    self = value
  }
  /// Quoted, so that text which looks like a number or a bool stays text.
  public var node: Node { .scalar(.init(self, Tag(.str), .doubleQuoted)) }
}

extension Optional: ConfigurationValue where Wrapped: ConfigurationValue {
  public static var expectation: String { "\(Wrapped.expectation), or null" }
  public init(_ node: Node, at path: String) throws {
    self = node.null != nil ? nil : try Wrapped(node, at: path)
  }
  public var node: Node { self?.node ?? Node("null", Tag(.null)) }
}

extension Array: ConfigurationValue where Element: ConfigurationValue {
  public static var expectation: String { "a list, each entry \(Element.expectation)" }
  /// A single entry stands for a list of one, null for an empty list.
  public init(_ node: Node, at path: String) throws {
    if node.null != nil {
      self = []
      return
    }
    guard let entries = node.sequence else {
      self = [try Element(node, at: path)]
      return
    }
    self = try entries.enumerated().map { try Element($0.element, at: "\(path)[\($0.offset)]") }
  }
  public var node: Node { Node(map(\.node)) }
}

/// A choice between names.
public protocol ConfigurationChoice: ConfigurationValue, RawRepresentable<String>, CaseIterable {}

extension ConfigurationChoice {
  public static var expectation: String { "one of: " + allCases.map(\.rawValue).joined(separator: ", ") }
  public init(_ node: Node, at path: String) throws {
    guard let value = node.scalar.flatMap({ Self(rawValue: $0.string) }) else {
      throw Self.mismatch(node, at: path)
    }
    self = value
  }
  public var node: Node { Node(rawValue) }
}
