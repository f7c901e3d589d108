import ConfigurationKeys
import Yams

extension CaptionLimit: ConfigurationValue {
  public static var expectation: String { "an integer of at least 1, “clipcap”, or null" }

  public init(_ node: Node, at path: String) throws {
    if node.null != nil {
      self = .unlimited
    } else if node.scalar?.string == "clipcap" {
      self = .clipcap
    } else if let count = node.int, count > 0 {
      self = .tokens(count)
    } else {
      throw Self.mismatch(node, at: path)
    }
  }

  public var node: Node {
    switch self {
    case .unlimited: Node("null", Tag(.null))
    case .tokens(let count): Node(String(count))
    case .clipcap: Node("clipcap")
    }
  }
}
