import Support

/// The captions of a file, for what learns from text alone, such as a tokenizer.
public enum CaptionTexts {
  /// Reads a file of captions in any format, also one caption on each line.
  /// - Parameter split: the images whose captions count, where the file has splits.
  /// - Throws: `Failure.badData` where the file cannot be read or has no captions, and `Failure.usage` where it has none
  ///   of the split, or it is not clear which of its columns are meant.
  public static func read(
    _ path: String, split: String, options: CaptionOptions = CaptionOptions()
  ) throws -> [String] {
    let images = try CaptionFile(path: path, options: options, needsImages: false).images
    let splits = Set(images.compactMap(\.split))
    guard splits.isEmpty || splits.contains(split) else {
      throw Failure.usage(
        "\(path) has no image in the split “\(split)”, only in \(splits.sorted().joined(separator: ", ")); name one of "
          + "these by --split.")
    }
    let captions = images.filter { splits.isEmpty || $0.split == split }.flatMap(\.captions).filter {
      !$0.isEmpty
    }
    guard !captions.isEmpty else {
      throw Failure.badData("\(path) holds no captions; check that it is the right file.")
    }
    return captions
  }
}
