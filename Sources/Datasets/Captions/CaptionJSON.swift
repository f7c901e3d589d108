import FileFormats
import Foundation
import Support

/// Images and captions in JSON. Three forms are told apart by their structure:
///
/// - records: a list of objects, or one object on each line, whose keys are columns (`CaptionColumns`). Such a list may
///   be the `images`, `annotations` or `data` of an object, as Karpathy's is.
/// - COCO's: `images`, and `annotations` that refer to them.
/// - a dictionary from images to captions.
struct CaptionJSON {
  private let path: String
  private let options: CaptionOptions
  private var values: CaptionValues

  private init(path: String, options: CaptionOptions) {
    (self.path, self.options) = (path, options)
    values = CaptionValues(options: options, path: path)
  }

  /// - Parameter needsImages: whether records that name no image are refused.
  /// - Throws: `Failure.badData` where the file is not JSON or of none of the forms, and `Failure.usage` where it is not
  ///   clear which keys are meant.
  static func file(at path: String, options: CaptionOptions, needsImages: Bool) throws -> CaptionFile {
    var reader = CaptionJSON(path: path, options: options)
    switch try Form(JSONParser.values(ofFileAt: path), path: path) {
    case .records(let records): return try reader.file(of: records, needsImages: needsImages)
    case .coco(let images, let annotations): return try reader.file(of: images, annotations)
    case .dictionary(let members): return try reader.file(of: members)
    }
  }

  /// The entries of a list that has one for each row of embeddings. One that names no image is called by its number.
  ///
  /// Throws as `file(at:options:needsImages:)` does, but takes a list of captions alone, and one without captions
  /// where its keys can be nothing but names of images.
  static func entries(in bytes: Data, path: String, options: CaptionOptions) throws -> CaptionFile {
    let values = try JSONParser.values(in: bytes, name: path)
    let list = values.count == 1 ? values[0].array ?? values : values
    if !list.isEmpty, case let captions = list.compactMap(\.string), captions.count == list.count {
      return CaptionFile(
        path: path, columns: [],
        images: captions.enumerated().map { index, caption in
          CaptionedImage(names: ["\(index)"], split: nil, captions: [caption.trimmed], place: "[\(index)]")
        })
    }
    var reader = CaptionJSON(path: path, options: options)
    let records = try JSONRecords(values, path: path)
    let columns = try records.columns(options: options)
    guard !columns.captions.isEmpty || columns.images.count == records.keys.count else {
      throw reader.unknown(columns, among: records.keys)
    }
    let images = try records.objects.enumerated().map { index, record in
      var image = try reader.image(of: record, at: records.place(index), columns)
      if image.name.isEmpty { image.names = ["\(index)"] }
      return image
    }
    return CaptionFile(path: path, columns: columns, images: images)
  }

  private enum Form {
    case records(JSONRecords)
    case coco(images: JSONRecords, annotations: JSONRecords)
    case dictionary(JSONObject)

    init(_ values: [JSONValue], path: String) throws {
      guard values.count == 1, case .object(let members) = values[0] else {
        self = .records(try JSONRecords(values, path: path))
        return
      }
      func list(_ key: String) throws -> JSONRecords? {
        try values[0][key]?.array.map { try JSONRecords(list: $0, name: key, path: path) }
      }
      if let images = try list("images"), let annotations = try list("annotations") {
        self = .coco(images: images, annotations: annotations)
      } else if let records = try list("images") ?? list("annotations") ?? list("data") {
        self = .records(records)
      } else if members.contains(where: { CaptionColumns.isKnown($0.key) }) {
        self = .records(try JSONRecords(values, path: path))
      } else {
        self = .dictionary(members)
      }
    }
  }

  private mutating func file(of records: JSONRecords, needsImages: Bool) throws -> CaptionFile {
    guard !records.objects.isEmpty else {
      throw Failure.badData("\(path) has no captions; check that it is the right file.")
    }
    let columns = try records.columns(options: options)
    guard !columns.captions.isEmpty, !needsImages || !columns.images.isEmpty else {
      throw unknown(columns, among: records.keys)
    }
    var list = CaptionedImages(columns: columns.images, path: path)
    for (index, record) in records.objects.enumerated() {
      try list.add(try image(of: record, at: records.place(index), columns))
    }
    return CaptionFile(path: path, columns: columns, images: list.images)
  }

  private mutating func image(of record: JSONValue, at place: String, _ columns: CaptionColumns) throws
    -> CaptionedImage
  {
    CaptionedImage(
      names: try columns.images.map { try JSONRecords.name(in: record, under: $0.name, at: place, path) },
      split: try split(of: record, under: columns.split, at: place),
      captions: try columns.captions.flatMap {
        try values.captions(in: record[$0] ?? .null, under: $0, at: place)
      },
      place: place)
  }

  private func unknown(_ columns: CaptionColumns, among keys: [String]) -> Failure {
    .usage(
      "\(path) has the keys \(CaptionColumns.list(keys)), of which none is known as the one that "
        + (columns.captions.isEmpty
          ? "holds captions; name it with --caption-column."
          : "names the images; name it with --image-column."))
  }

  /// COCO's `id` of an image is what its annotations call `image_id`.
  private mutating func file(of images: JSONRecords, _ annotations: JSONRecords) throws -> CaptionFile {
    let ofImages = try CaptionColumns.images(among: images.keys, options: options, path: path).map {
      $0.name == "id" ? ImageColumn(name: "id", meaning: .id) : $0
    }
    let captions = try CaptionColumns.captions(among: annotations.keys, options: options, path: path)
    let columns = CaptionColumns(
      images: ofImages, captions: captions,
      split: try CaptionColumns.split(among: images.keys, options: options, path: path))
    let imageColumns = CaptionColumns(images: ofImages, captions: [], split: columns.split)
    guard !captions.isEmpty || annotations.objects.isEmpty else {
      throw unknown(columns, among: annotations.keys)
    }
    var list: [CaptionedImage] = []
    var indices: [String: Int] = [:]
    for (index, object) in images.objects.enumerated() {
      let place = images.place(index)
      let id = try JSONRecords.name(in: object, under: "id", at: place, path)
      guard !id.isEmpty, indices.updateValue(index, forKey: id) == nil else {
        throw Failure.badData(
          "\(path) has at \(place) an image \(id.isEmpty ? "without an id" : "whose id \(id) another has too"), and "
            + "annotations refer to images by that; give each its own.")
      }
      list.append(try image(of: object, at: place, imageColumns))
    }
    for (index, annotation) in annotations.objects.enumerated() {
      let place = annotations.place(index)
      let id = try JSONRecords.name(in: annotation, under: "image_id", at: place, path)
      guard let image = indices[id] else {
        throw Failure.badData(
          id.isEmpty
            ? "\(path) has no \"image_id\" at \(place); name the image there, or remove the caption."
            : "\(path) has at \(place) a caption for image \(id), which is not among its images; add the image or "
              + "remove the caption.")
      }
      for column in captions {
        list[image].captions += try values.captions(in: annotation[column] ?? .null, under: column, at: place)
      }
    }
    return CaptionFile(path: path, columns: columns, images: list)
  }

  private mutating func file(of members: JSONObject) throws -> CaptionFile {
    guard options.imageColumn == nil, options.splitColumn == nil else {
      throw Failure.usage(
        "\(path) is a dictionary from images to captions, which has no other keys; leave out --image-column and "
          + "--split-column.")
    }
    let columns = CaptionColumns(images: [ImageColumn(name: "key")], captions: [], split: nil)
    var list = CaptionedImages(columns: columns.images, path: path)
    for member in members {
      if member.value.object?.contains(where: { ImageColumn.isKnown(CaptionColumns.normal($0.key)) }) == true
      {
        throw JSONRecords.notRecords(path, "under \(member.key) an object that names an image by another key")
      }
      try list.add(
        CaptionedImage(
          names: [member.key.trimmed], split: nil,
          captions: try values.captions(in: member.value, under: "", at: member.key), place: member.key))
    }
    return CaptionFile(path: path, columns: columns, images: list.images)
  }

  private func split(of record: JSONValue, under key: String?, at place: String) throws -> String? {
    switch key.flatMap({ record[$0] }) {
    case nil, .null: return nil
    case .string(let split): return options.split(named: split)
    default:
      throw Failure.badData(
        "\(path) has at \(place) a \(key ?? "split") that is not a string; write the name of a split, or choose another "
          + "key with --split-column.")
    }
  }
}
