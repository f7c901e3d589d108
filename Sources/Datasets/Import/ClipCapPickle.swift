import FileFormats
import Foundation
import Support

/// The embeddings and captions of a pickle, of one of three forms:
///
/// - ClipCap's, by `parse_coco.py` and `parse_conceptual.py`: `{"clip_embedding": Tensor[N, D], "captions": [{"image_id",
///   "caption", "clip_embedding": row}]}`. `parse_coco.py` repeats an image's row for each of its captions.
/// - CapDec's, which has the embedding of each caption under `clip_embedding_text_dave`, and none of images.
/// - ClipCap-Chinese's: `[[(image, caption)], {image: Tensor[D]}]`.
struct ClipCapPickle {
  struct Caption {
    let imageID: String
    let text: String
    /// Row of the embeddings.
    let row: Int
  }

  let matrix: EmbeddingMatrix
  let captions: [Caption]
  /// What names the images, for people.
  let findings: String
  /// What was taken otherwise than ClipCap has it, for people.
  private(set) var warnings: [String] = []

  /// - Parameters:
  ///   - key: what the embeddings are under; nil means `clip_embedding`, or that of texts where it is empty.
  ///   - imageColumn: the key that names images; nil means what `ImageColumn` knows.
  /// - Throws: `Failure.badData` when the file is something else, or a caption's row is out of range, and
  ///   `Failure.usage` where there is no such key.
  init(path: String, key: String?, imageColumn: String?) throws {
    let value = try TorchFile.read(path)
    if let parts = value.elements, parts.count == 2, let pairs = parts[0].elements,
      case .dictionary(let embeddings) = parts[1]
    {
      guard key == nil, imageColumn == nil else {
        throw Failure.usage(
          "\(path) is a list of images with captions and a dictionary of embeddings, without keys; leave out --embeddings "
            + "and --image-column.")
      }
      (matrix, captions) = try Self.content(ofPairs: pairs, embeddings, path: path)
      findings = "Images are named by the keys of their embeddings."
      return
    }
    guard let entries = value["captions"]?.elements else {
      throw Failure.badData(
        "\(path) is not ClipCap's: a dictionary with a tensor clip_embedding and a list captions was "
          + "expected, or a list of pairs and a dictionary of tensors.")
    }
    let chosen = key
    let key = chosen ?? Self.embeddingsKey(of: value)
    guard let tensor = value[key]?.tensor else {
      throw Failure(
        kind: chosen == nil ? .badData : .usage,
        description:
          "\(path) has under \(key) \(value[key]?.kind ?? "nothing"), but a tensor or an array was expected; name one of "
          + "\(CaptionColumns.list(value.keys)) with --embeddings.")
    }
    matrix = try EmbeddingMatrix(tensor.array, name: "\(key) of \(path)")
    let column = try Self.imageColumn(among: entries.first?.keys ?? [], imageColumn, path: path)
    let found = column.map { "Images are named by \($0)." }
    let captions = try Self.captions(entries, namedBy: column, rowCount: matrix.rowCount, path: path)
    if key == Self.textKey {
      self.captions = column == nil ? captions : Self.withIDsOfTheirOwn(captions)
      findings = found.map { $0 + " Behind it stands the caption's number." } ?? Self.unnamed
      warnings = [
        "\(path) has embeddings of captions, not of images, under \(key): each caption is an image of its own."
      ]
    } else {
      self.captions = captions
      findings = found ?? Self.unnamed
      if value[Self.textKey] != nil {
        warnings = [
          "\(path) has embeddings of captions too, which are left; --embeddings \(Self.textKey) takes them."
        ]
      }
    }
    try Self.requireOneNumbering(captions, rowCount: matrix.rowCount, path: path)
  }

  private static let textKey = "clip_embedding_text_dave"
  private static let unnamed = "Nothing names the images, so the rows' numbers are their ids."

  private static func embeddingsKey(of value: PickleValue) -> String {
    let key = "clip_embedding"
    let isEmpty = value[key]?.tensor?.shape.contains(0) ?? true
    return isEmpty && value[textKey] != nil ? textKey : key
  }

  /// ClipCap's own key comes first, whatever else is there.
  private static func imageColumn(among keys: [String], _ chosen: String?, path: String) throws -> String? {
    if chosen == nil, keys.contains("image_id") { return "image_id" }
    var options = CaptionOptions()
    options.imageColumn = chosen
    return try CaptionColumns.images(among: keys, options: options, path: path).first {
      $0.meaning != .count
    }?
    .name
  }

  private static func captions(
    _ entries: [PickleValue], namedBy column: String?, rowCount: Int, path: String
  ) throws -> [Caption] {
    try entries.enumerated().map { index, entry in
      guard let text = entry["caption"]?.string, let row = entry["clip_embedding"]?.integer else {
        throw Failure.badData(
          "\(path) has caption \(index) without \"caption\" or \"clip_embedding\", so it is not ClipCap's; "
            + "make it again."
        )
      }
      guard (0..<rowCount).contains(row) else {
        throw Failure.badData(
          "\(path) has caption \(index) for row \(row) of the embeddings, of which there are "
            + "\(rowCount), so captions and embeddings do not belong together; make it again.")
      }
      guard let column else { return Caption(imageID: "\(row)", text: text, row: row) }
      guard let id = entry[column]?.imageName else {
        throw Failure.badData(
          "\(path) has caption \(index) whose \(column) is \(entry[column]?.kind ?? "missing"), but images are named by "
            + "strings or integers; write these, or choose another key with --image-column.")
      }
      return Caption(imageID: id, text: text, row: row)
    }
  }

  /// An image's captions as images of their own, named as Flickr's `token.txt` names captions: `391895#0`.
  private static func withIDsOfTheirOwn(_ captions: [Caption]) -> [Caption] {
    var counts: [String: Int] = [:]
    return captions.map { caption in
      let number = counts[caption.imageID, default: 0]
      counts[caption.imageID] = number + 1
      return Caption(imageID: "\(caption.imageID)#\(number)", text: caption.text, row: caption.row)
    }
  }

  private static func content(
    ofPairs pairs: [PickleValue], _ embeddings: [(key: PickleValue, value: PickleValue)], path: String
  ) throws -> (matrix: EmbeddingMatrix, captions: [Caption]) {
    var rows: [String: Int] = [:]
    let arrays = try embeddings.enumerated().map { row, pair in
      guard let id = pair.key.imageName, let vector = pair.value.tensor?.array.asRow else {
        throw Failure.badData(
          "\(path) has as embedding \(row) \(pair.value.kind) under \(pair.key.imageName ?? pair.key.kind), but a tensor "
            + "of one vector under an image's name was expected; write it again.")
      }
      guard rows.updateValue(row, forKey: id) == nil else {
        throw Failure.badData("\(path) has two embeddings of image \(id); keep one.")
      }
      return vector
    }
    guard let rowsOfAll = StoredArray(rowsOf: arrays) else {
      throw Failure.badData(
        arrays.isEmpty
          ? "\(path) has no embeddings in its dictionary; check that it is the right file."
          : "\(path) has embeddings of different lengths or types; keep what one encoder made.")
    }
    let captions = try pairs.enumerated().map { index, pair in
      guard let fields = pair.elements, fields.count == 2, let id = fields[0].imageName,
        let text = fields[1].string
      else {
        throw Failure.badData(
          "\(path) has caption \(index) that is \(pair.kind), but a pair of an image's name and a caption was expected; "
            + "write it again.")
      }
      guard let row = rows[id] else {
        throw Failure.badData(
          "\(path) has caption \(index) of image \(id), which has no embedding; add it, or remove the caption."
        )
      }
      return Caption(imageID: id, text: text, row: row)
    }
    return (try EmbeddingMatrix(rowsOfAll, name: path), captions)
  }

  /// `parse_conceptual.py` goes on with the same lists for its second split, and numbers that split's captions
  /// from 0 again: each has the row of another image.
  ///
  /// Throws `Failure.badData` where the captions, as many as rows, are numbered 0, 1, 2, … twice in a row.
  private static func requireOneNumbering(_ captions: [Caption], rowCount: Int, path: String) throws {
    let rows = captions.map(\.row)
    guard rows.count == rowCount, let restart = rows.dropFirst().firstIndex(of: 0),
      rows.elementsEqual(Array(0..<restart) + Array(0..<rows.count - restart))
    else { return }
    throw Failure.badData(
      "\(path) numbers the rows of its captions from 0 again at caption \(restart), as ClipCap's "
        + "parse_conceptual.py does where its training split begins, so that these captions have the embeddings of "
        + "other images; add \(restart) to the clip_embedding of each caption from there on.")
  }
}

extension PickleValue {
  /// A string, an integer, or a tensor of one: what names an image. Nil for anything else.
  var imageName: String? {
    switch self {
    case .string(let name): name.trimmed.isEmpty ? nil : name.trimmed
    case .integer(let number): "\(number)"
    case .float(let number): Int(exactly: number).map { "\($0)" }
    case .tensor(let tensor) where tensor.array.count == 1: tensor.array.wholeNumbers()?.first.map { "\($0)" }
    default: nil
    }
  }

  /// The strings that a dictionary has values under.
  fileprivate var keys: [String] {
    if case .dictionary(let pairs) = self { pairs.compactMap(\.key.string) } else { [] }
  }

  /// What it is, for messages.
  fileprivate var kind: String {
    switch self {
    case .none: "None"
    case .bool: "a boolean"
    case .integer(let number): "\(number)"
    case .bigInteger: "an integer of more than 64 bits"
    case .float(let number): "\(number)"
    case .string(let text): text.trimmed.isEmpty ? "an empty string" : "a string"
    case .bytes: "bytes"
    case .list, .tuple: "a list"
    case .dictionary: "a dictionary"
    case .global, .numpyType, .storage: "no value"
    case .opaque(let name): "an object of \(name)"
    case .tensor(let tensor): "a tensor of shape \(tensor.shape)"
    }
  }
}
