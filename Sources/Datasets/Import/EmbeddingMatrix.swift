import FileFormats
import Foundation
import Support

/// The embeddings of a file that is imported: [rows, width] or [rows, positions, width] in half or single
/// precision, still as the file's bytes.
struct EmbeddingMatrix {
  let rowCount: Int
  let width: Int
  /// Vectors in a row; nil where there is one.
  let positions: Int?
  /// Whether the array has a dimension for positions although there is one, as stacking what `encode_image` returns makes
  /// it.
  let hasSinglePosition: Bool
  private let isHalf: Bool
  private let bytes: Data

  /// Takes floating-point numbers; what is neither half nor single precision becomes single. `name` is what
  /// the array is called in a message.
  ///
  /// Throws `Failure.badData` when the array has another shape or type.
  init(_ array: StoredArray, name: String) throws {
    let shape = array.shape
    guard array.element.isFloatingPoint, shape.count == 2 || shape.count == 3, !shape.contains(0) else {
      throw Failure.badData(
        "\(name) is an array of \(array.element) of shape \(shape), but embeddings are floating-point "
          + "numbers of shape [rows, width] or [rows, positions, width]; save them so.")
    }
    rowCount = shape[0]
    width = shape[shape.count - 1]
    hasSinglePosition = shape.count == 3 && shape[1] == 1
    positions = shape.count == 3 && !hasSinglePosition ? shape[1] : nil
    isHalf = array.element == .float16
    bytes =
      isHalf || array.element == .float32 ? array.bytes : array.floats().withUnsafeBytes { Data($0) }
  }

  /// Whether two rows have the same bits.
  func areEqual(_ a: Int, _ b: Int) -> Bool { bytes(ofRow: a) == bytes(ofRow: b) }

  /// A row as it is stored.
  func bytes(ofRow row: Int) -> Data { bytes[range(ofRow: row)] }

  /// The numbers of these rows, in this order.
  func embeddings(ofRows rows: [Int]) -> StoreContents.Embeddings {
    isHalf ? .float16(numbers(inRows: rows)) : .float32(numbers(inRows: rows))
  }

  private var bytesPerRow: Int { bytes.count / rowCount }

  private func range(ofRow row: Int) -> Range<Int> {
    let start = bytes.startIndex + row * bytesPerRow
    return start..<start + bytesPerRow
  }

  private func numbers<Number: BitwiseCopyable>(inRows rows: [Int]) -> [Number] {
    let count = rows.count * bytesPerRow / MemoryLayout<Number>.stride
    return [Number](unsafeUninitializedCapacity: count) { buffer, initialized in
      var rest = UnsafeMutableRawBufferPointer(buffer)
      for row in rows {
        bytes.copyBytes(to: rest, from: range(ofRow: row))
        rest = UnsafeMutableRawBufferPointer(rebasing: rest.dropFirst(bytesPerRow))
      }
      initialized = count
    }
  }
}
