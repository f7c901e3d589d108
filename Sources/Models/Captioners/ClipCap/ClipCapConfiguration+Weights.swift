import FileFormats
import Support

extension ClipCapConfiguration {
  /// What the shapes of a model's weights say about it.
  ///
  /// No shape tells how many heads attention has. Where nobody says it, only the widths of the published GPT-2 are
  /// taken, with their heads, and ClipCap's 8 in a transformer that maps.
  ///
  /// - Parameters:
  ///   - languageModel: what is written of it beside the weights, as in Hugging Face's `config.json`; nil: it is a GPT-2.
  ///   - heads: of the language model, where the user knows better.
  ///   - mapperHeads: of a transformer that maps.
  /// - Throws: `Failure.badData` when the shapes do not fit together, `Failure.usage` when heads do not divide a width.
  public init(
    of weights: ModelWeights, languageModel known: (any LanguageModelConfiguration)? = nil, heads: Int? = nil,
    mapperHeads: Int? = nil
  ) throws {
    let source = weights.source
    func matrix(_ name: WeightName) throws -> (rows: Int, columns: Int) {
      guard let shape = weights[name]?.shape, shape.count == 2 else {
        throw Failure.badData(
          "\(source) has no matrix \(name), which every such model has; name the file of a whole model.")
      }
      return (shape[0], shape[1])
    }
    func divide(_ count: Int, by width: Int, _ name: String) throws -> Int {
      guard count % width == 0 else {
        throw Failure.badData(
          "\(source) has \(name) with \(count) rows, which is no multiple of the language model's width \(width): the "
            + "two parts are of different models; name files that belong together.")
      }
      return count / width
    }
    /// The number of heads, where it is known and can be.
    func divisor(of width: Int, _ heads: Int?, _ part: String, option: String) throws -> Int {
      guard let heads else {
        throw Failure.usage(
          "\(source) has \(part) of width \(width), which is no published GPT-2's, and no shape tells its number of "
            + "heads; say it with \(option).")
      }
      guard width % heads == 0 else {
        throw Failure.usage(
          "\(source) has \(part) of width \(width), which \(heads) heads do not divide; say how many it has with "
            + "\(option).")
      }
      return heads
    }
    func blocks(_ prefix: String) throws -> Int {
      let numbers = weights.blocks(prefix)
      guard numbers == Set(0..<numbers.count) else {
        throw Failure.badData(
          "\(source) has blocks \(prefix)\(numbers.sorted().prefix(8)), which do not count up from 0; name the file of a "
            + "whole model.")
      }
      return numbers.count
    }

    let tokens = try matrix(.tokens)
    /// What the shapes of a GPT-2 say; those of any other model only fill what its configuration says.
    func gpt2(_ known: GPT2Configuration?) throws -> GPT2Configuration {
      var size = known ?? GPT2Configuration()
      size.vocabularySize = tokens.rows
      size.width = tokens.columns
      size.positions = try matrix(.languageModel("wpe.weight")).rows
      size.layers = try blocks("h.")
      let published = GPT2Configuration.published.values.first { $0.width == size.width }
      size.heads = try divisor(
        of: size.width, heads ?? known?.heads ?? published?.heads, "a GPT-2", option: "--heads")
      try size.validate(source: source)
      return size
    }
    var size: any LanguageModelConfiguration
    if let known, !(known is GPT2Configuration) {
      size = known
      size.vocabularySize = tokens.rows
    } else {
      guard weights.blocks("layers.").isEmpty else {
        throw Failure.badData(
          "\(source) has a language model that is no GPT-2, of which its shapes do not tell enough; put its config.json "
            + "beside it.")
      }
      size = try gpt2(known as? GPT2Configuration)
    }
    let isPublished = GPT2Configuration.published.values.contains { $0.width == size.width }

    guard weights.hasMapper else {
      self.init(mapper: nil, embeddingWidth: 0, languageModel: size)
      return
    }
    if weights[.mapper("clip_project.weight")] != nil {
      let (rows, columns) = try matrix(.mapper("clip_project.weight"))
      let prefix = try divide(rows, by: size.width, "clip_project.weight")
      self.init(mapper: .linear(prefixLength: prefix), embeddingWidth: columns, languageModel: size)
    } else if weights[.mapper("clip_project.model.0.weight")] != nil {
      let last = try matrix(.mapper("clip_project.model.2.weight"))
      let prefix = try divide(last.rows, by: size.width, "clip_project.model.2.weight")
      self.init(
        mapper: .mlp(prefixLength: prefix),
        embeddingWidth: try matrix(.mapper("clip_project.model.0.weight")).columns, languageModel: size)
    } else {
      let (rows, columns) = try matrix(.mapper("clip_project.linear.weight"))
      let heads = try divisor(
        of: size.width, mapperHeads ?? (isPublished ? 8 : nil), "a transformer mapper",
        option: "--mapper-heads")
      self.init(
        mapper: .transformer(
          prefixLength: try matrix(.mapper("clip_project.prefix_const")).rows,
          clipLength: try divide(rows, by: size.width, "clip_project.linear.weight"),
          layers: try blocks("clip_project.transformer.layers."), heads: heads),
        embeddingWidth: columns, languageModel: size)
    }
    let length = mapper?.prefixLength ?? 0
    guard length > 0, length < size.contextLength else {
      throw Failure.badData(
        "\(source) has a prefix of \(length) rows, which the language model's \(size.contextLength) positions do not hold "
          + "together with a caption; name files that belong together.")
    }
  }
}
