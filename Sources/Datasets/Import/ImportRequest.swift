import FileFormats
import Foundation
import Support

/// A request to make an embedding store's contents of files that other programs wrote.
///
/// The first bytes of the input show what it is: a pickle of ClipCap's or its forks' (also as `torch.save` writes it), `.npz`,
/// `.npy`, Parquet, or an HDF5 file, in the store's own schema or not; a folder is clip-retrieval's. Nothing in it is
/// executed.
public struct ImportRequest: Sendable {
  /// Path of the embeddings.
  public var input: String
  /// Path of a file of captions, for `.npz` and `.npy`, or of the `captions.json` of a folder.
  public var captions: String?
  public var captionOptions = CaptionOptions()
  /// Path of the image ids, for `.npy` and for `.npz` without an array `image_ids`.
  public var imageIDs: String?
  /// The array of a `.npz` file, nil meaning `embeddings`, or what a pickle has the embeddings under.
  public var embeddingsKey: String?
  /// The array of a `.npz` file, or the dataset of an HDF5 file, with the image ids; nil means `image_ids`.
  public var idsKey: String?
  /// The path of `capstan`, which has HDF5's library read HDF5 files that are no stores as they should be; nil: those are
  /// refused.
  public var hdf5Program: String?
  /// What made the embeddings, which only a store says itself.
  public var encoder: String?
  /// The split of images that the files give none; nil means `train` for images with captions and
  /// `uncaptioned` for the others.
  public var split: String?
  /// Whether to divide every vector by its Euclidean norm.
  public var normalizes = false
  /// Whether to keep the first of rows that differ for the same image, instead of throwing.
  public var keepsFirst = false
  public var dropsUncaptioned = false

  public init(input: String) { self.input = input }

  /// Reads the files.
  ///
  /// Throws `Failure.badData` when a file is damaged, hostile, of another format or at odds with itself or
  /// with the other file, and `Failure.usage` when an option is missing or does not apply.
  public func contents() throws -> (contents: StoreContents, report: ImportReport) {
    var report = ImportReport()
    var contents =
      switch try form() {
      case .store: try storeContents(&report)
      case .clipCap: try clipCapContents(&report)
      case .numpy: try numpyContents(&report)
      case .parquet: try parquetContents(&report)
      case .foreignHDF5: try numpyContents(&report, isForeign: true)
      case .folder: try folderContents(&report)
      }
    try contents.validate()
    report.cameNormalized = contents.isUnitLength
    if normalizes { try contents.normalize() } else { contents.normalized = report.cameNormalized }
    report.constantRows = contents.constantRowCount
    report.describe(contents)
    return (contents, report)
  }

  private enum Form {
    case store, clipCap, numpy, parquet, foreignHDF5, folder
  }

  private func form() throws -> Form {
    if FileKind(following: input) == .directory { return .folder }
    let bytes = try Data(mapping: input)
    if HDF5File.isHDF5(input) { return try isStore() ? .store : .foreignHDF5 }
    if TorchFile.recognizesPickle(bytes) { return .clipCap }
    if NumpyArray.recognizes(bytes) { return .numpy }
    if ParquetFile.recognizes(bytes) { return .parquet }
    if NumpyArchive.recognizes(bytes) {
      return try NumpyArchive(bytes, name: input).names.isEmpty ? .clipCap : .numpy
    }
    throw Failure.badData(
      "\(input) is not .npz, .npy, Parquet, HDF5 or a pickle of protocol 2 to 5; give the file with the embeddings, "
        + "and the captions with --captions.")
  }

  // MARK: - The forms

  private func storeContents(_ report: inout ImportReport) throws -> StoreContents {
    try refuse(
      [
        ("--captions", captions != nil), ("--image-ids", imageIDs != nil), ("--split", split != nil),
        ("--embeddings", embeddingsKey != nil), ("--ids", idsKey != nil),
        ("--drop-uncaptioned", dropsUncaptioned),
        ("--keep-first", keepsFirst), ("options for captions", captionOptions != CaptionOptions()),
      ], because: "is an embedding store already")
    let contents = try storeInAnyForm()
    report.pairs = contents.index.pairs(ImportReport.pairCount)
    if let encoder, EncoderName.canonical(encoder) != contents.encoder {
      throw Failure.usage(
        "\(input) says that \(contents.encoder) made it, not \(encoder); leave out --encoder.")
    }
    return contents
  }

  private func clipCapContents(_ report: inout ImportReport) throws -> StoreContents {
    try refuse(
      [
        ("--captions", captions != nil), ("--image-ids", imageIDs != nil), ("--ids", idsKey != nil),
        ("options for captions other than --image-column", hasMoreThanImageColumn),
      ],
      because: "is a pickle, which has captions and image ids")
    let pickle = try ClipCapPickle(
      path: input, key: embeddingsKey, imageColumn: captionOptions.imageColumn)
    var draft = ImportDraft(pickle.matrix, name: input, keepsFirst: keepsFirst)
    for caption in pickle.captions {
      draft.add(caption.text, of: try draft.images.add(caption.imageID, row: caption.row))
    }
    report.findings = pickle.findings
    report.warnings = pickle.warnings
    return try finish(draft, &report) { id in
      let index = pickle.captions.firstIndex { $0.imageID == id }
      return index.map { "caption \($0), row \(pickle.captions[$0].row)" } ?? ""
    }
  }

  private var hasMoreThanImageColumn: Bool {
    var options = CaptionOptions()
    options.imageColumn = captionOptions.imageColumn
    return captionOptions != options
  }

  private func numpyContents(_ report: inout ImportReport, isForeign: Bool = false) throws -> StoreContents {
    guard captions != nil || captionOptions == CaptionOptions() else {
      throw Failure.usage("There are options for captions but none; name their file with --captions FILE.")
    }
    let embeddings =
      try isForeign
      ? foreignEmbeddings()
      : NumpyEmbeddings(path: input, key: embeddingsKey, idsKey: idsKey, imageIDs: imageIDs)
    return try contents(of: embeddings.matrix, imageIDs: embeddings.imageIDs, &report)
  }

  /// Of embeddings with ids, whose captions are in a file of their own, if anywhere.
  private func contents(
    of matrix: EmbeddingMatrix, imageIDs: [String], _ report: inout ImportReport
  ) throws -> StoreContents {
    var draft = ImportDraft(matrix, name: input, keepsFirst: keepsFirst)
    for (row, id) in imageIDs.enumerated() { _ = try draft.images.add(id, row: row) }
    guard let captions else { return try finish(draft, &report) }
    let file = try CaptionFile(path: captions, options: captionOptions)
    let matching = try CaptionMatching(draft.images.ids, with: file)
    for (image, match) in matching.matches.enumerated() {
      guard let match else { continue }
      draft.set(split: match.split, of: image)
      for caption in match.captions { draft.add(caption, of: image) }
    }
    report.findings = file.findings
    report.imagesWithoutEmbedding = matching.unmatched
    return try finish(draft, &report) { [ids = draft.images.ids] id in
      let match = ids.firstIndex(of: id).flatMap { matching.matches[$0] }
      return match.map { "\($0.name), \($0.place) of \(captions.lastPathComponent)" } ?? ""
    }
  }

  private func parquetContents(_ report: inout ImportReport) throws -> StoreContents {
    try refuse(
      [("--image-ids", imageIDs != nil), ("--ids", idsKey != nil)],
      because: "is a table, whose columns name the images (--image-column chooses one)")
    let table = try ParquetEmbeddings(
      path: input, key: embeddingsKey, options: captions == nil ? captionOptions : CaptionOptions())
    if captions != nil {
      return try contents(of: table.matrix, imageIDs: table.images.map(\.name), &report)
    }
    report.findings = table.findings
    return try contents(of: table.matrix, table.images, &report)
  }

  private func folderContents(_ report: inout ImportReport) throws -> StoreContents {
    try refuse(
      [
        ("--image-ids", imageIDs != nil), ("--embeddings", embeddingsKey != nil), ("--ids", idsKey != nil),
        ("--captions-format", captionOptions.format != .auto),
      ], because: "is a folder of embeddings, whose captions.json has image ids and captions")
    let folder = try EmbeddingFolder(path: input, captions: captions, options: captionOptions)
    report.findings = folder.findings
    return try contents(of: folder.matrix, folder.images, &report)
  }

  /// Of embeddings with an image for each row.
  private func contents(
    of matrix: EmbeddingMatrix, _ images: [CaptionedImage], _ report: inout ImportReport
  ) throws -> StoreContents {
    var draft = ImportDraft(matrix, name: input, keepsFirst: keepsFirst)
    for (row, image) in images.enumerated() {
      let index = try draft.images.add(image.name, row: row)
      draft.set(split: image.split, of: index)
      for caption in image.captions { draft.add(caption, of: index) }
    }
    return try finish(draft, &report) { id in
      let row = images.firstIndex { $0.name == id }
      return row.map { "row \($0), \(images[$0].place)" } ?? ""
    }
  }

  /// - Parameter place: where the files have an image and its captions.
  private func finish(
    _ draft: ImportDraft, _ report: inout ImportReport, place: (_ imageID: String) -> String = { _ in "" }
  ) throws -> StoreContents {
    try draft.images.requireVariety()
    let contents = draft.contents(
      encoder: try EncoderWidths.check(encoder, for: draft.matrix, path: input),
      source: ([input] + [captions].compactMap(\.self)).map(\.lastPathComponent).joined(separator: ", "),
      split: split, dropsUncaptioned: dropsUncaptioned)
    report.describe(draft, in: contents)
    if draft.matrix.hasSinglePosition {
      report.warnings.append(
        "\(input) has a single position for each image, which is none: the embeddings are taken as "
          + "\(counted(draft.matrix.rowCount, "row")) of \(draft.matrix.width).")
    }
    report.pairs = contents.index.pairs(ImportReport.pairCount) { id, _ in place(id) }
    return contents
  }

  private func refuse(_ options: [(name: String, isGiven: Bool)], because reason: String) throws {
    guard let option = options.first(where: \.isGiven) else { return }
    throw Failure.usage("\(input) \(reason), so leave out \(option.name).")
  }
}

extension StoreContents {
  /// All of a store, in memory.
  init(of store: EmbeddingStore) throws {
    let index = try store.index()
    var values = [Float](repeating: 0, count: store.rowCount * store.valuesPerRow)
    try values.withUnsafeMutableBufferPointer { buffer in
      guard let start = buffer.baseAddress else { return }
      for row in 0..<store.rowCount { try store.copyRow(row, to: start + row * store.valuesPerRow) }
    }
    self.init(
      encoder: store.encoder, normalized: store.normalized, source: store.source, width: store.width,
      positions: store.positions,
      // Half precision comes back exactly from single.
      embeddings: store.elementType == .float16
        ? .float16(values.map { Float16($0).bitPattern }) : .float32(values),
      imageIDs: index.imageIDs, splits: index.splits, captionTexts: index.captionTexts,
      captionRows: index.captionRows)
  }
}
