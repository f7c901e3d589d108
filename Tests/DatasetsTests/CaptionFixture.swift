import Foundation
import Support
import Testing

@testable import Datasets

/// What the tests of files of captions share.
enum CaptionFixture {
  /// Reads `text` as a file of captions.
  static func file(
    _ text: String, needsImages: Bool = true, _ change: (inout CaptionOptions) -> Void = { _ in }
  ) throws -> CaptionFile {
    var options = CaptionOptions()
    change(&options)
    return try ImportFixture.withFile(text) {
      try CaptionFile(path: $0, options: options, needsImages: needsImages)
    }
  }

  /// The captions of each image, by its plainest name.
  static func captions(
    _ text: String, _ change: (inout CaptionOptions) -> Void = { _ in }
  ) throws -> [String: [String]] {
    let images = try file(text, change).images
    return Dictionary(uniqueKeysWithValues: images.map { ($0.name, $0.captions) })
  }

  /// Embeddings of these images, imported with `text` as their captions: the caption that each image got.
  static func imported(
    _ ids: [String], _ text: String, _ change: (inout CaptionOptions) -> Void = { _ in }
  ) throws -> (captions: [String: [String]], contents: StoreContents, report: ImportReport) {
    try StoreFixture.inDirectory { directory in
      let embeddings = (0..<ids.count).map { Float($0 + 1) }
      try StoreContents(
        encoder: "x", normalized: false, source: "", width: 1, embeddings: .float32(embeddings),
        imageIDs: ids,
        splits: ids.map { _ in "train" }, captionTexts: [], captionRows: []
      ).write(to: "\(directory)/store.h5")
      let store = try StoreSelection(of: EmbeddingStore(path: "\(directory)/store.h5"))
      _ = try store.export(as: .npz, to: "\(directory)/x.npz")
      try DurableFile.write(Data(text.utf8), to: "\(directory)/captions")
      var request = ImportRequest(input: "\(directory)/x.npz")
      (request.encoder, request.captions) = ("x", "\(directory)/captions")
      change(&request.captionOptions)
      let (contents, report) = try request.contents()
      let captions = Dictionary(uniqueKeysWithValues: zip(contents.imageIDs, contents.index.captionsByRow))
      return (captions, contents, report)
    }
  }
}
