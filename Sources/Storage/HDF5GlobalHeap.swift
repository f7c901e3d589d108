import Essentials
import Foundation

/// The collections that strings of variable length lie in (section III.E), each read when it is first
/// pointed to.
struct HDF5GlobalHeap {
  private struct Key: Hashable {
    let collection: UInt64
    let index: UInt16
  }

  private let file: HDF5Bytes
  private var collections: Set<UInt64> = []
  private var objects: [Key: Range<Int>] = [:]
  /// Bytes of the file that may still lie in collections or be handed out, neither of which overlap in an
  /// honest file: without a limit a small file could ask for any amount of time and memory.
  private var unreadBytes, unclaimedBytes: Int

  init(of file: HDF5Bytes) {
    self.file = file
    (unreadBytes, unclaimedBytes) = (file.data.count, file.data.count)
  }

  /// The first `length` bytes of an object.
  mutating func object(_ index: UInt32, at collection: UInt64, length: Int) throws -> Data {
    if collections.insert(collection).inserted { try readCollection(at: collection) }
    guard let index = UInt16(exactly: index),
      let object = objects[Key(collection: collection, index: index)], length <= object.count
    else {
      throw file.damaged(
        "a string of \(length) bytes is not at its place, number \(index) from offset \(collection)")
    }
    unclaimedBytes -= length
    guard unclaimedBytes >= 0 else { throw file.damaged("its strings are longer than the file") }
    return file.data[object.lowerBound..<object.lowerBound + length]
  }

  private mutating func readCollection(at address: UInt64) throws {
    var reader = try file.reader(at: address, after: "GCOL")
    try reader.skip(4)
    let size = try reader.count(UInt64.self)
    unreadBytes -= min(size, file.data.count)
    let header = 16
    guard size >= header, size - header <= reader.remaining, unreadBytes >= 0 else {
      throw file.damaged("the strings at offset \(address) claim \(size) bytes")
    }
    let end = reader.position + size - header
    while end - reader.position >= header {
      let index = try reader.integer(UInt16.self)
      try reader.skip(6)
      let length = try reader.count(UInt64.self)
      guard index != 0 else { break }  // free space up to the end
      let start = reader.position
      guard length <= end - start else { throw file.damaged("a string at offset \(start) is cut off") }
      objects[Key(collection: address, index: index)] = start..<start + length
      let padded = (length + 7) & ~7
      try reader.skip(min(padded, end - start))
    }
  }
}
