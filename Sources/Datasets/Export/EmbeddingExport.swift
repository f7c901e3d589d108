import FileFormats

extension StoreSelection {
  /// As ClipCap's `parse_coco.py` writes it, except that captions of the same image share its row.
  func writeClipCapPickle(to path: String) throws {
    let captions = zip(captionTexts, captionRows).lazy.enumerated().map { number, caption in
      PickleTerm.dictionary([
        ("image_id", .string(imageIDs[caption.1])), ("caption", .string(caption.0)), ("id", .integer(number)),
        ("clip_embedding", .integer(caption.1)),
      ])
    }
    try TorchFile.write(
      pickleOf: .dictionary([
        ("clip_embedding", .tensor(embeddings(named: "clip_embedding"))),
        ("captions", .list(AnySequence(captions))),
      ]), to: path)
  }

  func writeNumpyArchive(to path: String) throws {
    try NumpyArchive.write(
      [embeddings(named: "embeddings")], strings: [("image_ids", imageIDs)], to: path)
  }
}
