import Autograd
import FileFormats
import Models
import Runs
import Support
import Text
import Training

/// A model with all that it takes to use it elsewhere: between whose file it came from and the formats it goes to.
public struct PortableModel {
  public let description: ModelDescription
  public let sizes: ClipCapConfiguration
  public let tokenizer: any Tokenizer
  public let weights: ModelWeights
  /// Without memory: names, shapes and the order of what is written.
  let model: ClipCap

  init(_ description: ModelDescription, _ tokenizer: any Tokenizer, _ weights: ModelWeights) throws {
    guard let sizes = description.model as? ClipCapConfiguration else {
      throw Failure.usage(
        "\(description.origin) is of the family \(type(of: description.model).family), for which no other program has a "
          + "format; name a model of the family \(ClipCapConfiguration.family).")
    }
    self.description = description
    self.sizes = sizes
    self.tokenizer = tokenizer
    self.weights = weights
    model = ClipCap(sizes, startToken: tokenizer.endOfText)
    try weights.requireFit(
      of: model.parameters, advice: "name the files of one whole model, as ClipCap or Hugging Face wrote it")
  }

  /// A model of Capstan's own; a frozen language model and what was trained before it come together.
  public init(_ source: StoredModel) throws {
    try self.init(source.description, source.tokenizer(), source.weights())
  }

  /// The weights as they are, each under its name in `rename`.
  func entries(
    of parameters: [Parameter], rename: (String) -> String = { $0 }
  ) -> [ArrayEntry] {
    parameters.compactMap { parameter in
      weights[parameter].map { array in
        ArrayEntry(name: rename(parameter.name), shape: array.shape, element: array.element) { sink in
          try array.bytes.withUnsafeBytes(sink)
        }
      }
    }
  }
}
