import CKernels
import FileFormats
import Foundation
import Support

/// An embedding store that is open for reading: an HDF5 file of embeddings, one row per image, with captions.
///
/// All content stays in the file, which is locked against HDF5's writers, and is read when it is asked for: what a
/// store takes in memory does not depend on its size. `docs/data-format.md` has the schema.
public final class EmbeddingStore: Sendable {
  public let path: String
  /// What made the embeddings, such as `ViT-B/32`, by its usual name (`EncoderName`).
  public let encoder: String
  /// Whether the store says that every vector has unit length.
  public let normalized: Bool
  /// Where the content came from, for people.
  public let source: String
  public let rowCount: Int
  public let width: Int
  /// Vectors per row; nil where there is one: the embeddings are [rows, width] or [rows, 1, width].
  public let positions: Int?
  /// `float16` or `float32`.
  public let elementType: ElementType
  /// One per row, unique.
  public let imageIDs: StringColumn
  /// One per row.
  public let splits: StringColumn
  public let captionTexts: StringColumn
  /// The row that each caption describes.
  public let captionRows: IntegerColumn

  /// [rows, width] or [rows, positions, width] of `elementType`.
  let embeddings: FileRegion

  /// Opens a store and checks all of it but the embeddings' values, for which there is `requireFinite()`.
  ///
  /// Throws `Failure.badData` that names the file, what is wrong in it and the remedy.
  public convenience init(path: String) throws {
    try self.init(uncheckedPath: path)
    try Self.requireSound([self])
  }

  /// Opens a store and checks its structure alone: the rest is checked as far as it is read.
  init(uncheckedPath path: String) throws {
    typealias Attribute = EmbeddingStoreSchema.Attribute
    typealias Dataset = EmbeddingStoreSchema.Dataset
    self.path = path
    let file = try Self.openFile(path)
    encoder = EncoderName.canonical(try file.string(attribute: Attribute.encoder))
    normalized = try file.bool(attribute: Attribute.normalized)
    source = try file.string(attribute: Attribute.source)

    let dataset = try file.dataset(Dataset.embeddings)
    elementType = try Self.elementType(of: dataset, in: path)
    let shape = dataset.shape
    guard shape.count == 2 || shape.count == 3, !shape.contains(0) else {
      throw Failure.badData(
        "\(path): \(dataset.name) has the shape \(shape); write it as [rows, width] or "
          + "[rows, positions, width]."
      )
    }
    (rowCount, width) = (shape[0], shape[shape.count - 1])
    positions = shape.count == 3 && shape[1] > 1 ? shape[1] : nil
    embeddings = try dataset.region()
    imageIDs = try file.dataset(Dataset.imageIDs).strings()
    splits = try file.dataset(Dataset.splits).strings()
    captionTexts = try file.dataset(Dataset.captionTexts).strings()
    captionRows = try file.dataset(Dataset.captionRows).integers()
    if let fault = EmbeddingStoreFaults.ofCounts(
      rows: rowCount, imageIDs: imageIDs.count, splits: splits.count, captionTexts: captionTexts.count,
      captionRows: captionRows.count)
    {
      throw failure(fault)
    }
  }

  /// All but the embeddings, in memory.
  public func index() throws -> EmbeddingStoreIndex {
    EmbeddingStoreIndex(
      imageIDs: try imageIDs.all(), splits: try splits.all(), captionTexts: try captionTexts.all(),
      captionRows: try captionRows.all())
  }

  /// The row that a caption describes.
  public func row(ofCaption caption: Int) throws -> Int {
    let row = try captionRows.integer(at: caption)
    if let fault = EmbeddingStoreFaults.ofCaption(caption, row: row, rowCount: rowCount) {
      throw failure(fault)
    }
    return row
  }

  /// The rows of a split.
  public func rows(ofSplit name: String) throws -> BitVector {
    var rows = BitVector(count: rowCount)
    try splits.forEachPiece { first, splits in
      for (row, split) in zip(first..., splits) where split == name { rows.insert(row) }
    }
    return rows
  }

  /// Numbers in a row: the width times the positions.
  public var valuesPerRow: Int { width * (positions ?? 1) }

  /// Copies a row, [width] or [positions, width], in single precision.
  /// - Parameter finite: whether NaN or infinity in it is a failure that names the image.
  /// - Throws: `Failure.badData` where the file has become too short.
  public func copyRow(
    _ row: Int, to destination: UnsafeMutablePointer<Float>, finite: Bool = false
  ) throws {
    try withBytes(ofRow: row) { bytes in
      if finite, firstNonFinite(of: bytes) != nil { throw try notFinite(row) }
      if elementType == .float16 {
        capstan_half_to_float(bytes.baseAddress, destination, valuesPerRow)
      } else {
        UnsafeMutableRawBufferPointer(start: destination, count: bytes.count).copyMemory(from: bytes)
      }
    }
  }

  /// Hands over a row's bits: as they are stored, or of single precision where that is asked for.
  func withBytes(ofRow row: Int, as element: ElementType, _ body: ByteSink) throws {
    if element == elementType {
      try withBytes(ofRow: row, body)
    } else {
      precondition(element == .float32, "only half precision is converted")
      try withUnsafeTemporaryAllocation(of: Float.self, capacity: valuesPerRow) { floats in
        guard let start = floats.baseAddress else { return }
        try copyRow(row, to: start)
        try body(UnsafeRawBufferPointer(floats))
      }
    }
  }

  private func withBytes(ofRow row: Int, _ body: ByteSink) throws {
    precondition((0..<rowCount).contains(row), "row out of range")
    let size = valuesPerRow * elementType.size
    try withUnsafeTemporaryAllocation(byteCount: size, alignment: 64) { buffer in
      try embeddings.read(at: row * size, into: buffer)
      try body(UnsafeRawBufferPointer(buffer))
    }
  }

  /// Asks the system to have some rows in its cache soon.
  public func prefetch(_ rows: Range<Int>) {
    let size = valuesPerRow * elementType.size
    embeddings.prefetch(rows.lowerBound * size..<rows.upperBound * size)
  }

  /// SHA-256 of the whole file, which is read for it: about a second for each gigabyte.

  private static func openFile(_ path: String) throws -> HDF5File {
    let schema = EmbeddingStoreSchema.Attribute.schema, version = EmbeddingStoreSchema.Attribute.version
    let bytes = try Data(mapping: path)
    guard HDF5File.isHDF5(path) else { throw foreignFile(path, bytes: bytes) }
    let file = try HDF5File(path: path)
    guard try file.hasAttribute(schema) else {
      throw Failure.badData(
        "\(path) is an HDF5 file but not an embedding store, for it has no attribute \(schema); write it as "
          + "docs/data-format.md shows.")
    }
    let found = try file.string(attribute: schema)
    guard found == EmbeddingStoreSchema.name else {
      throw Failure.badData(
        "\(path) has the schema \"\(found)\", not \(EmbeddingStoreSchema.name); write it as "
          + "docs/data-format.md shows.")
    }
    let foundVersion = try file.integer(attribute: version)
    guard foundVersion == EmbeddingStoreSchema.version else {
      throw Failure.badData(
        "\(path) has version \(foundVersion) of the schema \(found), but this program reads version "
          + "\(EmbeddingStoreSchema.version); use a program that reads it or write it again.")
    }
    return file
  }

  private static func elementType(of dataset: HDF5Dataset, in path: String) throws -> ElementType {
    switch dataset.elementType {
    case .float16: return .float16
    case .float32: return .float32
    default:
      throw Failure.badData(
        "\(path): \(dataset.name) is \(dataset.elementType); write it as little-endian float16 or float32.")
    }
  }
}
