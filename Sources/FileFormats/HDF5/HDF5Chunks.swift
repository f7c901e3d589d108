import Foundation
import Support

/// A dataset in pieces of one size, each of which went through the same filters.
struct HDF5Chunks {
  let tree: UInt64
  /// Elements of a chunk in each dimension, and the bytes of an element.
  let extents: [Int]
  let filters: [HDF5Filter]
  let file: HDF5Bytes

  private struct Chunk {
    let first: UInt64
    let stored: Data
    /// Bit `n` says that filter `n` was skipped.
    let skippedFilters: UInt32
  }

  /// The `count` elements of a dataset with one dimension.
  ///
  /// Throws `Failure.badData` where a chunk is missing or damaged.
  func bytes(count: Int, elementSize: Int) throws -> Data {
    guard extents.count == 2, extents[0] > 0, extents[1] == elementSize else {
      throw file.damaged("a dataset's chunks are of another form than the dataset")
    }
    let length = extents[0]
    let chunks = try chunks().sorted { $0.first < $1.first }
    let needed = (count - 1) / length + 1
    guard chunks.count >= needed else {
      throw file.damaged("it has \(chunks.count) of \(needed) chunks of a dataset")
    }
    var result = Data()
    for (index, chunk) in chunks.prefix(needed).enumerated() {
      guard chunk.first == index * length else { throw file.damaged("a dataset lacks its chunk \(index)") }
      result += try bytes(of: chunk, size: length * elementSize)
    }
    return result.prefix(count * elementSize)
  }

  private func chunks() throws -> [Chunk] {
    var chunks: [Chunk] = []
    let keySize = 8 + 8 * extents.count
    try HDF5Tree(kind: .chunks, root: tree, keySize: keySize, file: file).forEachLeaf { address, key in
      var key = try file.reader(of: key)
      let (size, skipped) = try (key.count(UInt32.self), key.integer(UInt32.self))
      var reader = try file.reader(at: address)
      chunks.append(
        Chunk(first: try key.integer(UInt64.self), stored: try reader.take(size), skippedFilters: skipped))
    }
    return chunks
  }

  private func bytes(of chunk: Chunk, size: Int) throws -> Data {
    var bytes = chunk.stored
    for (index, filter) in filters.enumerated().reversed() where chunk.skippedFilters >> index & 1 == 0 {
      let checksums = filters.prefix(index).enumerated()
        .count { $1 == .checksum && chunk.skippedFilters >> $0 & 1 == 0 }
      guard let undone = filter.undo(on: bytes, size: size + checksums * HDF5Filter.checksumSize) else {
        throw file.damaged("a chunk of \(chunk.stored.count) bytes is not what it was compressed from")
      }
      bytes = undone
    }
    guard bytes.count == size else {
      throw file.damaged("a chunk has \(bytes.count) bytes instead of \(size)")
    }
    return bytes
  }
}
