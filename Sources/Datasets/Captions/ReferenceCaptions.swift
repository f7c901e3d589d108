import FileFormats
import Foundation
import Support

/// The captions that people wrote for images, as an embedding store or a file of captions has them, to score
/// others against.
public struct ReferenceCaptions {
  /// For messages.
  private let name: String
  private let split: String?
  private let columns: [ImageColumn]
  private let images: [CaptionedImage]
  public var imageCount: Int { images.count }
  /// Captions of the split `train`, unless that is the one that was asked for.
  public let trainingCaptions: [String]

  /// - Parameters:
  ///   - paths: embedding stores or patterns of them, or one file of captions (`CaptionFormat`).
  ///   - split: the images that count; nil where the file does not have splits.
  ///   - options: how a file of captions is to be read.
  /// - Throws: `Failure.badData` when a file is none of these, or has no image of the split with a caption;
  ///   `Failure.usage` when a split is given where there is none, or none where there are some.
  public init(paths: [String], split: String?, options: CaptionOptions = CaptionOptions()) throws {
    let name = paths.joined(separator: ", ")
    (self.name, self.split) = (name, split)
    let file = try Self.file(of: paths, options: options)
    columns = file.columns
    let all = file.images
    let splits = Set(all.compactMap(\.split)).sorted()
    switch (split, splits.isEmpty) {
    case (let split?, true):
      throw Failure.usage("\(name) has no splits, but --split is \(split); leave it out.")
    case (nil, false):
      throw Failure.usage("\(name) has splits (\(splits.joined(separator: ", "))); name one with --split.")
    default: break
    }
    images = all.filter { $0.split == split && !$0.captions.isEmpty }
    guard !images.isEmpty else {
      throw Failure.badData(
        split.map {
          "\(name) has no image with captions in the split “\($0)” (its splits are: "
            + "\(splits.joined(separator: ", "))); choose one of these."
        } ?? "\(name) has no captions; check that it is the right file.")
    }
    trainingCaptions = split == "train" ? [] : all.filter { $0.split == "train" }.flatMap(\.captions)
  }

  private static func file(of paths: [String], options: CaptionOptions) throws -> CaptionFile {
    if paths.count == 1, let start = try? Data(mapping: paths[0]).prefix(8),
      !start.starts(with: hdf5Signature)
    {
      return try CaptionFile(path: paths[0], options: options)
    }
    guard options == CaptionOptions() else {
      throw Failure.usage(
        "\(paths.joined(separator: ", ")) is no file of captions, and only those have columns; leave out options such as "
          + "--image-column.")
    }
    let images = try EmbeddingStore.open(paths).flatMap { store in
      let index = try store.index()
      return index.captionsByRow.enumerated().map { row, captions in
        CaptionedImage(
          names: [index.imageIDs[row]], split: index.splits[row], captions: captions, place: "row \(row)")
      }
    }
    return CaptionFile(
      path: paths.joined(separator: ", "), columns: [ImageColumn(name: "image_ids")], images: images)
  }

  private static let hdf5Signature = Data([0x89, 0x48, 0x44, 0x46])

  /// The references of just these images, by the same ids, which may differ from the file's in a path, an
  /// extension or COCO's leading zeros.
  ///
  /// - Parameter isSubset: whether references of other images may be left over.
  /// - Throws: `Failure.badData` that counts and names images without references, and images that are left
  ///   over.
  public func matching(_ imageIDs: [String], isSubset: Bool = false) throws -> [String: [String]] {
    let place = split.map { "the split “\($0)” of \(name)" } ?? name
    let matches = try CaptionMatching(
      imageIDs, with: CaptionFile(path: place, columns: columns, images: images)
    ).matches
    let extra = zip(imageIDs, matches).filter { $0.1 == nil }.map(\.0)
    let matched = Set(matches.compactMap { $0?.name })
    let missing = images.map(\.name).filter { !matched.contains($0) }
    guard extra.isEmpty else {
      throw Failure.badData(
        "\(extra.count) of \(imageIDs.count) captioned images are not in \(place)\(extra.examples), and "
          + "\(missing.count) of its \(images.count) have no caption\(missing.examples); caption exactly "
          + "these images, or choose another split.")
    }
    guard isSubset || missing.isEmpty else {
      throw Failure.badData(
        "\(missing.count) of the \(images.count) images of \(place) have no caption\(missing.examples); caption them "
          + "too, or give --subset to score the \(imageIDs.count) that have one.")
    }
    return Dictionary(uniqueKeysWithValues: zip(imageIDs, matches.map { $0?.captions ?? [] }))
  }
}

/// Captions that were made for images, one for each, in COCO's results form, which `capstan caption` writes,
/// `[{"image_id": …, "caption": …}, …]`, or any other of a file of captions.
public struct PredictedCaptions: Equatable, Sendable {
  /// By image id.
  public let captions: [String: String]

  /// - Parameter options: how the file is to be read.
  /// - Throws: `Failure.badData` when the file is of no such form, is empty, or has other than one caption for an image,
  ///   and `Failure.usage` where it is not clear which of its columns are meant.
  public init(path: String, options: CaptionOptions = CaptionOptions()) throws {
    let images = try Self.images(in: path, options: options)
    let odd = images.filter { $0.captions.count != 1 }.map(\.name)
    guard odd.isEmpty, !images.isEmpty else {
      throw Failure.badData(
        images.isEmpty
          ? "\(path) has no captions; check that it is the right file."
          : "\(path) has several captions or none for \(odd.count) of its \(images.count) images"
            + "\(odd.examples); keep one caption an image.")
    }
    captions = Dictionary(images.map { ($0.name, $0.captions[0]) }) { first, _ in first }
  }

  /// Failures name the options that choose columns, which for predictions have a name of their own.
  private static func images(in path: String, options: CaptionOptions) throws -> [CaptionedImage] {
    do { return try CaptionFile(path: path, options: options).images } catch let failure as Failure {
      let names = ["image-column", "caption-column", "split-column"]
      throw Failure(
        kind: failure.kind,
        description: names.reduce(failure.description) {
          $0.replacing("--\($1)", with: "--predictions-\($1)")
        })
    }
  }
}
