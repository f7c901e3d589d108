import CKernels
import FileFormats
import Support

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
      try RunSignals.requireNoStop()
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

  /// That the store says its embeddings have unit length where one has not, of a thousand at even distances; nil where
  /// it says no such thing, or rightly.
  public func falseNormalization() throws -> String? {
    guard normalized else { return nil }
    let sample = min(1000, rowCount)
    for index in 0..<sample {
      let row = index * rowCount / sample
      guard
        let norm = try norms(ofRow: row).first(where: { !EmbeddingStoreSummary.isUnit($0) && $0.isFinite })
      else {
        continue
      }
      return
        "\(path) says that its embeddings are normalized, but the length of \(try imageIDs.string(at: row))'s is "
        + "\(norm); import it again, so that captions are asked of embeddings of the same kind."
    }
    return nil
  }

  /// The Euclidean norm of each vector of a row.
  func norms(ofRow row: Int) throws -> [Double] {
    try withUnsafeTemporaryAllocation(of: Float.self, capacity: valuesPerRow) { values in
      guard let start = values.baseAddress else { return [] }
      try copyRow(row, to: start)
      return norms(of: values)
    }
  }

  /// The same of a row's values.
  func norms(of values: UnsafeMutableBufferPointer<Float>) -> [Double] {
    stride(from: 0, to: values.count, by: width).map { first in
      values[first..<first + width].reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }
  }

  func notFinite(_ row: Int) throws -> Failure {
    .badData(
      "\(path): the embedding of image \(try imageIDs.string(at: row)) (row \(row)) holds NaN or infinity; embed that "
        + "image again or leave it out.")
  }
}
