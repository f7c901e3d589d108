import CKernels
import Essentials
import Storage

extension EmbeddingStore {
  /// Checks everything in stores but the embeddings' values, in one pass from front to back that takes 8 bytes of
  /// memory for each row.
  ///
  /// Throws `Failure.badData` that names the file, what is wrong in it and the remedy.
  static func requireSound(_ stores: [EmbeddingStore]) throws {
    var images = DistinctImages()
    for store in stores {
      try store.requireSoundCaptions()
      try store.requireSoundRows { images.add($0) }
    }
    try images.requireDistinct(in: stores)
  }

  private func requireSoundRows(_ seeing: (_ imageID: String) -> Void) throws {
    try imageIDs.forEachPiece(with: splits) { first, ids, splits in
      for (row, (id, split)) in zip(first..., zip(ids, splits)) {
        if let fault = EmbeddingStoreFaults.ofRow(row, imageID: id, split: split) { throw failure(fault) }
        seeing(id)
      }
    }
  }

  private func requireSoundCaptions() throws {
    try captionRows.forEachPiece { first, rows in
      for (caption, row) in zip(first..., rows) {
        if let fault = EmbeddingStoreFaults.ofCaption(caption, row: row, rowCount: rowCount) {
          throw failure(fault)
        }
      }
    }
    try captionTexts.forEachPiece { _, _ in }  // which is to read them
  }

  func failure(_ fault: String) -> Failure { .badData("\(path): \(fault).") }

  /// The first row that holds NaN or infinity. Reads all embeddings once.
  public func firstNonFiniteRow() throws -> Int? {
    let count = rowCount * valuesPerRow
    // Pieces of a mebibyte.
    for piece in stride(from: 0, to: count, by: 1 << 20 / elementType.size) {
      let values = min(1 << 20 / elementType.size, count - piece)
      let first = try withUnsafeTemporaryAllocation(byteCount: values * elementType.size, alignment: 64) {
        buffer in
        try embeddings.read(at: piece * elementType.size, into: buffer)
        return firstNonFinite(of: UnsafeRawBufferPointer(buffer))
      }
      if let first { return (piece + first) / valuesPerRow }
    }
    return nil
  }

  /// Which of the embeddings' values in `bytes` is the first that is NaN or infinite.
  func firstNonFinite(of bytes: UnsafeRawBufferPointer) -> Int? {
    let count = bytes.count / elementType.size
    let first =
      elementType == .float16
      ? capstan_first_nonfinite_half(bytes.baseAddress, count)
      : capstan_first_nonfinite_float(bytes.baseAddress, count)
    return first < count ? first : nil
  }

  /// Throws `Failure.badData` that names the first row with NaN or infinity and its image.
  public func requireFinite() throws {
    if let row = try firstNonFiniteRow() { throw try notFinite(row) }
  }

  /// Does the same for several stores where that takes a moment: up to a gibibyte in all. Of larger ones each row is
  /// checked when it is read.
  public static func requireFiniteWhereCheap(_ stores: [EmbeddingStore]) throws {
    guard stores.reduce(0, { $0 + $1.embeddings.count }) <= 1 << 30 else { return }
    for store in stores { try store.requireFinite() }
  }

  func notFinite(_ row: Int) throws -> Failure {
    .badData(
      "\(path): the embedding of image \(try imageIDs.string(at: row)) (row \(row)) holds NaN or infinity; embed that "
        + "image again or leave it out.")
  }
}
