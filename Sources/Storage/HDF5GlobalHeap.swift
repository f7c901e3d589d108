import Essentials
import Foundation

/// The collections that strings of variable length lie in (section III.E), each read when it is first
/// pointed to.
struct HDF5GlobalHeap {
  /// An object's number in its collection, and where in the file its bytes are.
  private struct Object {
    let index: UInt16
    let place: Range<Int>
  }

  private let file: HDF5Bytes
  /// By their addresses, each in the order of its objects' numbers.
  private var collections: [UInt64: [Object]] = [:]
  /// The one that was asked for last, as most are asked for again.
  private var last: (address: UInt64, objects: [Object]) = (HDF5Bytes.undefined, [])
  /// Bytes of the file that may still lie in collections or be handed out, neither of which overlap in an
  /// honest file: without a limit a small file could ask for any amount of time and memory.
  private var unreadBytes, unclaimedBytes: Int

  init(of file: HDF5Bytes) {
    self.file = file
    (unreadBytes, unclaimedBytes) = (file.data.count, file.data.count)
  }

  /// The first `length` bytes of an object.
  mutating func object(_ index: UInt32, at collection: UInt64, length: Int) throws -> Data {
    if last.address != collection { last = (collection, try objects(at: collection)) }
    guard let place = Self.place(of: index, in: last.objects), length <= place.count else {
      throw file.damaged(
        "a string of \(length) bytes is not at its place, number \(index) from offset \(collection)")
    }
    unclaimedBytes -= length
    guard unclaimedBytes >= 0 else { throw file.damaged("its strings are longer than the file") }
    return file.data[place.lowerBound..<place.lowerBound + length]
  }

  private static func place(of index: UInt32, in objects: [Object]) -> Range<Int>? {
    // Numbers are from 1 on, and mostly without gaps.
    let guess = Int(index) - 1
    if objects.indices.contains(guess), objects[guess].index == index { return objects[guess].place }
    var (low, high) = (0, objects.count)
    while low < high {
      let middle = (low + high) / 2
      if objects[middle].index < index { low = middle + 1 } else { high = middle }
    }
    return low < objects.count && objects[low].index == index ? objects[low].place : nil
  }

  private mutating func objects(at address: UInt64) throws -> [Object] {
    if let known = collections[address] { return known }
    var reader = try file.reader(at: address, after: "GCOL")
    try reader.skip(4)
    let header = 16
    let size = try reader.count(UInt64.self)
    unreadBytes -= min(size, file.data.count)
    guard size >= header, size - header <= reader.remaining, unreadBytes >= 0 else {
      throw file.damaged("the strings at offset \(address) claim \(size) bytes")
    }
    let objects = try objects(in: reader.position..<reader.position + size - header)
    collections[address] = objects
    return objects
  }

  /// Reads a collection behind its header; `part` lies within the file.
  private func objects(in part: Range<Int>) throws -> [Object] {
    var objects: [Object] = []
    var position = part.lowerBound
    let header = 16
    try file.data.withUnsafeBytes { bytes in
      while part.upperBound - position >= header {
        let index = bytes.loadUnaligned(fromByteOffset: position, as: UInt16.self)
        let length = bytes.loadUnaligned(fromByteOffset: position + 8, as: UInt64.self)
        if index == 0 { break }  // free space up to the end
        position += header
        guard length <= part.upperBound - position else {
          throw file.damaged("a string at offset \(position) is cut off")
        }
        objects.append(Object(index: index, place: position..<position + Int(length)))
        position += (Int(length) + 7) & ~7
      }
    }
    return objects.sorted { $0.index < $1.index }
  }
}
