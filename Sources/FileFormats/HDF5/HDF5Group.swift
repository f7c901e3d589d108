import Foundation
import Support

/// The links of a group: in a tree of symbol tables (section III.B), or among the messages of its header.
struct HDF5Group {
  private let header: HDF5ObjectHeader
  private let file: HDF5Bytes

  init(_ header: HDF5ObjectHeader, in file: HDF5Bytes) { (self.header, self.file) = (header, file) }

  /// The address of the header of the object that is linked under `name`; nil when there is none in this
  /// file.
  func address(of name: String) throws -> UInt64? {
    if let table = try header.first(.symbolTable) { return try address(of: name, in: table) }
    for link in try header.all(.link) {
      if let address = try address(of: name, by: link) { return address }
    }
    if let info = try header.first(.linkInfo) {
      try requireNoHeap(of: info, indexWidth: 8, "a group of many links")
    }
    return nil
  }

  /// Throws `Failure.badData` where links or attributes, about which `info` is, stand in a heap of their own.
  /// `indexWidth` is that of the greatest index, which may stand before the heap's address.
  private func requireNoHeap(of info: Data, indexWidth: Int, _ what: String) throws {
    var reader = try file.reader(of: info)
    try reader.skip(1)
    let hasIndex = try reader.byte() & 1 != 0
    try reader.skip(hasIndex ? indexWidth : 0)
    guard try reader.integer(UInt64.self) == HDF5Bytes.undefined else { throw file.unsupported(what) }
  }

  /// Throws `Failure.badData` where the header's attributes stand in a heap of their own.
  func requireAttributesInHeader() throws {
    if let info = try header.first(.attributeInfo) {
      try requireNoHeap(of: info, indexWidth: 2, "many attributes")
    }
  }

  // MARK: - Links in the header

  /// A link message (section IV.A.2.g).
  private func address(of name: String, by link: Data) throws -> UInt64? {
    var reader = try file.reader(of: link)
    try reader.skip(1)
    let flags = try reader.byte()
    let isHard = flags & 8 == 0 ? true : try reader.byte() == 0
    try reader.skip((flags & 4 != 0 ? 8 : 0) + (flags & 0x10 != 0 ? 1 : 0))
    let length = try reader.count(width: 1 << (flags & 3))
    guard try reader.take(length).elementsEqual(name.utf8), isHard else { return nil }
    return try reader.integer(UInt64.self)
  }

  // MARK: - Symbol tables

  /// `table` has the addresses of the tree and of the heap of names.
  private func address(of name: String, in table: Data) throws -> UInt64? {
    var reader = try file.reader(of: table)
    let tree = HDF5Tree(kind: .group, root: try reader.integer(UInt64.self), keySize: 8, file: file)
    let names = try namesHeap(at: reader.integer(UInt64.self))
    var found: UInt64?
    try tree.forEachLeaf { leaf, _ in
      var node = try file.reader(at: leaf, after: "SNOD")
      try node.skip(2)
      for _ in 0..<(try node.integer(UInt16.self)) where found == nil {
        let (offset, address) = try (node.integer(UInt64.self), node.integer(UInt64.self))
        let isSoft = try node.integer(UInt32.self) == 2
        try node.skip(20)
        guard let start = Int(exactly: offset), start <= names.count else {
          throw file.damaged("the name of an object lies outside of its group")
        }
        if !isSoft, names.dropFirst(start).prefix(while: { $0 != 0 }).elementsEqual(name.utf8) {
          found = address
        }
      }
    }
    return found
  }

  /// The data of a local heap (section III.D).
  private func namesHeap(at address: UInt64) throws -> Data {
    var heap = try file.reader(at: address, after: "HEAP")
    try heap.skip(4)
    let size = try heap.count(UInt64.self)
    try heap.skip(8)
    var names = try file.reader(at: heap.integer(UInt64.self))
    return try names.take(size)
  }
}
