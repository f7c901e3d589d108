import Foundation
import Support
import Yams

/// What one YAML file says: the section that all others are in.
public protocol ConfigurationDocument: ConfigurationSection {
  /// Paths of keys that say the same thing in several ways, of which one is given.
  static var alternatives: [Set<String>] { get }
  /// Paths of keys on which no result depends.
  static var immaterialKeys: Set<String> { get }
  /// Checks what can be known without looking at any other file.
  func validate() throws
}

extension ConfigurationDocument {
  /// Reads a file and puts overrides over it.
  /// - Parameter overrides: `a.b.c=value`, the value in YAML. The last of several for a key counts, and of the
  ///   ``alternatives``.
  /// - Throws: `Failure.usage` for anything that cannot be a run, before anything is started.
  public init(contentsOf path: String, overrides: [String] = []) throws {
    guard let text = FileManager.default.contents(atPath: path).map({ String(decoding: $0, as: UTF8.self) })
    else {
      throw Failure.usage(
        "The configuration \(path) cannot be read; name a YAML file, for example one of configs/.")
    }
    try self.init(yaml: text, source: path, overrides: overrides)
  }

  public init(yaml: String, source: String, overrides: [String] = []) throws {
    var root: Node
    do { root = try Yams.compose(yaml: yaml) ?? Node([(Node, Node)]()) } catch {
      let reason = "\(error)".split(separator: "\n").joined(separator: " ")
      throw Failure.usage("\(source) is not YAML (\(reason)); correct it.")
    }
    root = try Self.withPresentNames(root)
    for override in overrides {
      let parts = override.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let path = Self.withPresentNames(parts[0].split(separator: ".").map(String.init)[...])
      guard parts.count == 2, !path.isEmpty else {
        throw Failure.usage(
          "--set \(override) gives no value; write --set key=value, for example train.steps=100.")
      }
      let value: Node
      do { value = try Yams.compose(yaml: String(parts[1])) ?? Node("", .implicit, .plain) } catch {
        throw Failure.usage(
          "The value of --set \(override) is not YAML; put text with special characters in quotes.")
      }
      root.set(value, at: path[...])
      let key = path.joined(separator: ".")
      for group in Self.alternatives where group.contains(key) && value.null == nil {
        for other in group where other != key {
          root.set(Node("null", .implicit, .plain), at: other.split(separator: ".").map(String.init)[...])
        }
      }
    }
    do { try self.init(Self.withPresentNames(root), at: "") } catch let unknown as UnknownKey {
      throw Failure.usage(
        "\(unknown.path) is not a key of the configuration; did you mean "
          + "\(Self.suggestions(for: unknown).joined(separator: " or "))?")
    }
    try validate()
  }

  /// The whole configuration, defaults included, as YAML.
  public func yaml() throws -> String {
    do { return try Yams.serialize(node: node) } catch {
      throw Failure.runtime("The configuration could not be written as YAML: \(error).")
    }
  }
}

extension Node {
  /// Puts a value at a path of keys, making the sections on the way.
  fileprivate mutating func set(_ value: Node, at path: ArraySlice<String>) {
    guard let first = path.first else {
      self = value
      return
    }
    var mapping = self.mapping ?? Mapping([])
    var inner = mapping[Node(first)] ?? Node([(Node, Node)]())
    inner.set(value, at: path.dropFirst())
    mapping[Node(first)] = inner
    self = .mapping(mapping)
  }
}
