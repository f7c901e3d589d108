import Foundation
import Support

/// The collections that strings of variable length lie in (section III.E), each read when it is pointed to. The ones
/// that were read last are kept, for the strings behind one another mostly lie together.
struct HDF5GlobalHeap: Sendable {
  private struct Collection {
    let bytes: [UInt8]
    /// In the order of their numbers.
    let objects: [Object]
  }

  /// An object's number in its collection, and where in that its bytes are.
  private struct Object {
    let index: UInt16
    let place: Range<Int>
  }

  private static let headerSize = 16
  /// What HDF5 makes of small objects.
  private static let usualSize = 4096
  /// Bytes of collections that are kept, beside the last.
  private static let keptSize = 1 << 20

  private let file: HDF5Bytes
  private var collections: [UInt64: Collection] = [:]
  /// The addresses of those that are kept, in the order of reading, and their bytes.
  private var kept: [UInt64] = []
  private var logitsCacheLimit = 0
  /// The one that was asked for last, as most are asked for again.
  private var last: (address: UInt64, collection: Collection)?
  /// Bytes that may still be read or handed out: without a limit a small file could ask for any amount of time and
  /// memory.
  private var unreadBytes, unclaimedBytes: Int

  /// - Parameter strings: as many will be asked for. Where they stand in another order than in the heap, collections
  ///   that are no longer kept are read again.
  init(of file: HDF5Bytes, strings: Int) {
    self.file = file
    let size = file.data.count
    (unreadBytes, unclaimedBytes) = (size + min(strings, size) * (1 << 16), size)
  }

  /// The collection that an object is in, and where in that its first `length` bytes are.
  mutating func object(
    _ index: UInt32, at address: UInt64, length: Int
  ) throws -> (collection: [UInt8], place: Range<Int>) {
    let collection = try collection(at: address)
    guard let place = Self.place(of: index, in: collection.objects), length <= place.count else {
      throw file.damaged(
        "a string of \(length) bytes is not at its place, number \(index) from offset \(address)")
    }
    unclaimedBytes -= length
    guard unclaimedBytes >= 0 else { throw file.damaged("its strings are longer than the file") }
    return (collection.bytes, place.prefix(length))
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

  private mutating func collection(at address: UInt64) throws -> Collection {
    if let last, last.address == address { return last.collection }
    let collection = try collections[address] ?? read(at: address)
    if collections.updateValue(collection, forKey: address) == nil {
      kept.append(address)
      logitsCacheLimit += collection.bytes.count
      while logitsCacheLimit > Self.keptSize {
        logitsCacheLimit -= collections.removeValue(forKey: kept.removeFirst())?.bytes.count ?? 0
      }
    }
    last = (address, collection)
    return collection
  }

  private mutating func read(at address: UInt64) throws -> Collection {
    guard let start = Int(exactly: address), start < file.data.count else {
      throw file.damaged("it points to offset \(address) of its \(file.data.count) bytes")
    }
    let left = file.data.count - start
    var bytes = try file.file.bytes(start..<start + min(left, Self.usualSize))
    guard bytes.starts(with: "GCOL".utf8), bytes.count >= Self.headerSize else {
      throw file.damaged("there is no GCOL at offset \(address)")
    }
    let size = Int(clamping: bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self) })
    unreadBytes -= min(size, file.data.count)
    guard size >= Self.headerSize, size <= left, unreadBytes >= 0 else {
      throw file.damaged("the strings at offset \(address) claim \(size) bytes")
    }
    if size > bytes.count {
      bytes += try file.file.bytes(start + bytes.count..<start + size)
    } else {
      bytes.removeLast(bytes.count - size)
    }
    return Collection(bytes: bytes, objects: try objects(in: bytes, at: start))
  }

  /// Reads what is behind a collection's header, which every string at a random place waits for.
  private func objects(in bytes: [UInt8], at address: Int) throws -> [Object] {
    let header = 16
    var isInOrder = true
    let objects = try [Object](unsafeUninitializedCapacity: bytes.count / header) { objects, count in
      try bytes.withUnsafeBytes { bytes in
        var position = Self.headerSize
        while bytes.count - position >= header {
          let index = bytes.loadUnaligned(fromByteOffset: position, as: UInt16.self)
          let length = bytes.loadUnaligned(fromByteOffset: position + 8, as: UInt64.self)
          if index == 0 { break }  // free space up to the end
          position += header
          guard length <= bytes.count - position else {
            throw file.damaged("a string at offset \(address + position) is cut off")
          }
          isInOrder = isInOrder && (count == 0 || objects[count - 1].index < index)
          objects.initializeElement(
            at: count, to: Object(index: index, place: position..<position + Int(length)))
          count += 1
          position += (Int(length) + 7) & ~7
        }
      }
    }
    return isInOrder ? objects : objects.sorted { $0.index < $1.index }
  }
}
