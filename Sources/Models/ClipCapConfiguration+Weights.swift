import Essentials
import Storage

extension ClipCapConfiguration {
  /// What the shapes of a model's weights say about it.
  ///
  /// - Parameters:
  ///   - languageModel: what Hugging Face's `config.json` beside the weights says; nil: there is none, and the blocks'
  ///     heads are taken to be 64 wide, as those of every published GPT-2 are.
  ///   - heads: of the language model, where the user knows better; no shape tells them.
  ///   - mapperHeads: of a transformer that maps, which no shape tells either: ClipCap has 8.
  /// - Throws: `Failure.badData` when the shapes do not fit together, `Failure.usage` when heads do not divide a width.
  public init(
    of weights: ModelWeights, languageModel known: GPT2Configuration? = nil, heads: Int? = nil,
    mapperHeads: Int = 8
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
    var size = known ?? GPT2Configuration()
    size.vocabularySize = tokens.rows
    size.width = tokens.columns
    size.positions = try matrix(.languageModel("wpe.weight")).rows
    size.layers = try blocks("h.")
    if heads != nil || known == nil { size.heads = heads ?? max(1, tokens.columns / 64) }
    guard size.width % size.heads == 0, heads != nil || known != nil || size.width % 64 == 0 else {
      throw Failure.usage(
        "\(source) has a GPT-2 of width \(size.width), which is not \(heads.map { "\($0) equal heads" } ?? "heads of 64"); "
          + "say how many heads it has with --heads.")
    }
    try size.validate(source: source)

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
      guard size.width % mapperHeads == 0 else {
        throw Failure.usage(
          "\(source) has a transformer mapper of width \(size.width), which \(mapperHeads) heads do not divide; say how "
            + "many it has with --mapper-heads.")
      }
      self.init(
        mapper: .transformer(
          prefixLength: try matrix(.mapper("clip_project.prefix_const")).rows,
          clipLength: try divide(rows, by: size.width, "clip_project.linear.weight"),
          layers: try blocks("clip_project.transformer.layers."), heads: mapperHeads),
        embeddingWidth: columns, languageModel: size)
    }
    let length = mapper?.prefixLength ?? 0
    guard length > 0, length < size.positions else {
      throw Failure.badData(
        "\(source) has a prefix of \(length) rows, which the language model's \(size.positions) positions do not hold "
          + "together with a caption; name files that belong together.")
    }
  }
}
