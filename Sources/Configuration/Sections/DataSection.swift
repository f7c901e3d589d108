import ConfigurationKeys

public struct DataSection: ConfigurationSection {
  public var train = SplitSection(split: "train")
  public var validation = SplitSection(split: "val")
  public var tokenizer: String?
  public var endToken = true
  public var addPeriod = false
  public var captionTokens = CaptionLimit.unlimited
  public var shuffleWindow: Int?

  public init() {}

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init("train", \.train, "Captions to learn from."),
      .init("validation", \.validation, "Captions to measure on; no files: none."),
      .init(
        "tokenizer", \.tokenizer,
        "Directory with tokenizer.json, or vocab.json and merges.txt; null: the language model's own directory."
      ),
      .init(
        "end_token", \.endToken, "Whether each caption ends with a learned <|endoftext|>; ClipCap had none."),
      .init(
        "add_period", \.addPeriod,
        "Whether a full stop is appended to each caption, as ClipCap did for Conceptual Captions."),
      .init(
        "caption_tokens", \.captionTokens,
        "The most tokens of a caption; longer ones are truncated. A number, or “clipcap” for the mean plus ten deviations, "
          + "or null for what the context holds."),
      .init(
        "shuffle_window", \.shuffleWindow,
        "Consecutive captions that are shuffled together, for storage that is slow at random places; null: all."
      ),
    ]
  }
}

public struct SplitSection: ConfigurationSection {
  public var files: [String] = []
  public var split = "train"

  public init() {}
  public init(split: String) { self.split = split }

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init("files", \.files, "Embedding stores: paths or globs."),
      .init("split", \.split, "The split of those stores that is used."),
    ]
  }
}

/// How long a caption may be.
public enum CaptionLimit: Equatable, Sendable {
  case unlimited
  case tokens(Int)
  /// ClipCap's rule: int(mean + 10 · standard deviation) of the training captions.
  case clipcap
}
