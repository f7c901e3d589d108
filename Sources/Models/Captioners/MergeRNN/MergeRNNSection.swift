import ConfigurationKeys
import Support

/// Merge-RNN in a configuration.
public struct MergeRNNSection: ModelFamily {
  public var width = 256

  public init() {}

  public static let name = MergeRNNConfiguration.family
  public static let key: String? = name
  public static let help =
    "An LSTM over words, merged with the image before the vocabulary (Tanti et al. 2018)."
  public static let configurationType: any ModelConfiguration.Type = MergeRNNConfiguration.self

  public static var keys: [ConfigurationKey<Self>] {
    [.init("width", \.width, "Of word embeddings, hidden states and the projected image.")]
  }

  public func validate(startingFrom initialModel: String?) throws {
    guard (1...65_536).contains(width) else {
      throw Failure.usage(
        "model.merge_rnn.width is \(width), but must be at least 1 and at most 65536; correct the configuration."
      )
    }
  }

  public func modelConfiguration(_ inputs: ModelInputs) -> any ModelConfiguration {
    MergeRNNConfiguration(
      vocabularySize: inputs.vocabularySize, embeddingWidth: inputs.embeddingWidth, width: width)
  }

  public func requireStart(from model: any ModelConfiguration, path: String) throws {
    guard let model = model as? MergeRNNConfiguration, model.width != width else { return }
    throw Failure.usage(
      "model.init_from \(path) has a width of \(model.width), but model.merge_rnn.width is \(width); set it to "
        + "\(model.width).")
  }

  public func parts(of model: any CaptionModel) -> [ModelPart] {
    [ModelPart("captioner", "Merge-RNN of width \(width)", model.parameters)]
  }
}
