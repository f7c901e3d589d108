import Models
import Support

extension Configuration {
  /// What the model is made by.
  /// - Throws: `Failure.usage` when mapping network and language model do not fit together.
  public func modelConfiguration(_ languageModel: GPT2Configuration, embeddingWidth: Int) throws
    -> ClipCapConfiguration
  {
    let section = model.mapper
    if section.kind == .transformer, languageModel.width % section.heads != 0 {
      throw Failure.usage(
        "model.mapper.heads is \(section.heads), but must divide the language model's width \(languageModel.width); "
          + "change it.")
    }
    guard section.kind == .none || section.prefixLength < languageModel.positions else {
      throw Failure.usage(
        "model.mapper.prefix_length is \(section.prefixLength), but the language model has only "
          + "\(languageModel.positions) positions for prefix and caption together; make it smaller.")
    }
    return ClipCapConfiguration(
      mapper: section.configuration, embeddingWidth: embeddingWidth, languageModel: languageModel)
  }
}

extension MapperSection {
  /// Nil: no mapping network.
  public var configuration: MapperConfiguration? {
    switch kind {
    case .none: nil
    case .linear: .linear(prefixLength: prefixLength)
    case .mlp: .mlp(prefixLength: prefixLength)
    case .transformer:
      .transformer(prefixLength: prefixLength, clipLength: clipLength, layers: layers, heads: heads)
    }
  }
}
