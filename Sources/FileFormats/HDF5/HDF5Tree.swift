import Foundation
import Support

/// A B-tree of version 1 (section III.A.1), whose leaves point to symbol tables or to chunks of data.
struct HDF5Tree {
  enum Kind: UInt8 {
    case group = 0
    case chunks = 1
  }

  let kind: Kind
  let root: UInt64
  /// Bytes of the keys, one before each address.
  let keySize: Int
  let file: HDF5Bytes

  /// Has `body` visit what the leaves point to, with the key before it.
  ///
  /// Throws `Failure.badData` where the tree is damaged: no node is visited twice.
  func forEachLeaf(_ body: (_ address: UInt64, _ key: Data) throws -> Void) throws {
    var pending = [root]
    var visited: Set<UInt64> = []
    while let address = pending.popLast() {
      guard visited.insert(address).inserted else { throw file.damaged("a tree grows into itself") }
      var node = try file.reader(at: address, after: "TREE")
      guard try node.byte() == kind.rawValue else { throw file.damaged("a tree is of another kind") }
      let isLeaf = try node.byte() == 0
      let count = try node.integer(UInt16.self)
      try node.skip(16)
      for _ in 0..<count {
        let key = try node.take(keySize)
        let child = try node.integer(UInt64.self)
        if isLeaf { try body(child, key) } else { pending.append(child) }
      }
    }
  }
}
