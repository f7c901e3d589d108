import CKernels
import Essentials
import Foundation
import Storage

/// An embedding store that is open for reading: an HDF5 file of embeddings, one row per image, with captions.
///
/// Ids, splits and captions are in memory. The embeddings stay in the file, which is mapped and locked
/// against HDF5's writers, and are converted as rows are copied out. `docs/data-format.md` has the schema.
public final class EmbeddingStore: Sendable {
  public let path: String
  /// What made the embeddings, such as `ViT-B/32`.
  public let encoder: String
  /// Whether the store says that every vector has unit length.
  public let normalized: Bool
  /// Where the content came from, for people.
  public let source: String
  public let rowCount: Int
  public let width: Int
  /// Vectors per row; nil where the embeddings are [rows, width].
  public let positions: Int?
  /// `float16` or `float32`.
  public let elementType: ElementType
  /// One per row, unique.
  public let imageIDs: [String]
  /// One per row.
  public let splits: [String]
  public let captionTexts: [String]
  /// The row that each caption describes.
  public let captionRows: [Int]

  /// Open, for that keeps the lock.
  private let file: HDF5File
  /// [rows, width] or [rows, positions, width] of `elementType`, in place.
  private let embeddings: Data

  /// Opens a store and checks all of it but the embeddings' values, for which there is `requireFinite()`.
  ///
  /// Throws `Failure.badData` that names the file, what is wrong in it and the remedy.
  public init(path: String) throws {
    typealias Attribute = EmbeddingStoreSchema.Attribute
    typealias Dataset = EmbeddingStoreSchema.Dataset
    self.path = path
    file = try Self.openFile(path)
    encoder = try file.string(attribute: Attribute.encoder)
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
    positions = shape.count == 3 ? shape[1] : nil
    embeddings = try dataset.mappedBytes()

    let index = EmbeddingStoreIndex(
      imageIDs: try file.dataset(Dataset.imageIDs).strings(),
      splits: try file.dataset(Dataset.splits).strings(),
      captionTexts: try file.dataset(Dataset.captionTexts).strings(),
      captionRows: try file.dataset(Dataset.captionRows).integers())
    if let fault = index.fault(rowCount: rowCount) { throw Failure.badData("\(path): \(fault).") }
    (imageIDs, splits) = (index.imageIDs, index.splits)
    (captionTexts, captionRows) = (index.captionTexts, index.captionRows)
  }

  /// The captions of each row, in their order.
  public var captionsByRow: [[String]] {
    zip(captionRows, captionTexts).reduce(into: Array(repeating: [], count: rowCount)) {
      $0[$1.0].append($1.1)
    }
  }

  /// Numbers in a row: the width times the positions.
  public var valuesPerRow: Int { width * (positions ?? 1) }

  /// Copies a row, [width] or [positions, width], in single precision.
  public func copyRow(_ row: Int, to destination: UnsafeMutablePointer<Float>) {
    precondition(imageIDs.indices.contains(row), "row out of range")
    let count = valuesPerRow
    embeddings.withUnsafeBytes { bytes in
      let start = bytes.baseAddress?.advanced(by: row * count * elementType.size)
      if elementType == .float16 {
        capstan_half_to_float(start, destination, count)
      } else if let start {
        memcpy(destination, start, count * elementType.size)
      }
    }
  }

  /// Hands over a row's bits: as they are stored, or of single precision where that is asked for.
  func withBytes(ofRow row: Int, as element: ElementType, _ body: ByteSink) throws {
    if element == elementType {
      let size = valuesPerRow * element.size
      try embeddings.withUnsafeBytes {
        try body(UnsafeRawBufferPointer(rebasing: $0[row * size..<(row + 1) * size]))
      }
    } else {
      precondition(element == .float32, "only half precision is converted")
      try withUnsafeTemporaryAllocation(of: Float.self, capacity: valuesPerRow) { floats in
        guard let start = floats.baseAddress else { return }
        copyRow(row, to: start)
        try body(UnsafeRawBufferPointer(floats))
      }
    }
  }

  /// The first row that holds NaN or infinity. Reads all embeddings once.
  public func firstNonFiniteRow() -> Int? {
    let count = rowCount * valuesPerRow
    let first = embeddings.withUnsafeBytes { bytes in
      elementType == .float16
        ? capstan_first_nonfinite_half(bytes.baseAddress, count)
        : capstan_first_nonfinite_float(bytes.baseAddress, count)
    }
    return first < count ? first / valuesPerRow : nil
  }

  /// Throws `Failure.badData` that names the first row with NaN or infinity and its image.
  public func requireFinite() throws {
    guard let row = firstNonFiniteRow() else { return }
    throw Failure.badData(
      "\(path): the embedding of image \(imageIDs[row]) (row \(row)) holds NaN or infinity; embed that image "
        + "again or leave it out.")
  }

  /// SHA-256 of the whole file, which is read for it: about a second for each gigabyte.
  public var fingerprint: Fingerprint { file.fingerprint }

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
