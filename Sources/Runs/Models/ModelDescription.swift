import Datasets
import Foundation
import Models
import Support

/// What a model is beside its weights and its vocabulary. `docs/checkpoint-format.md` is normative for the file.
public struct ModelDescription: Codable, Equatable, Sendable {
  public let sizes: ClipCapConfiguration
  /// What it was trained on; nil for a plain language model.
  public let embeddings: EmbeddingSpec?
  /// Whether it divides each embedding by its length first.
  public let normalizesEmbeddings: Bool
  /// Whether it has learned to end captions with the end of text; ClipCap's models end them with a full stop.
  public let endToken: Bool
  /// Of the vocabulary.
  public let tokenizer: Fingerprint
  /// Optimizer steps that have made it; zero where nobody has counted.
  public let step: Int
  /// The files that it was made from.
  public let origin: String

  public init(
    sizes: ClipCapConfiguration, embeddings: EmbeddingSpec?, normalizesEmbeddings: Bool, endToken: Bool,
    tokenizer: Fingerprint, step: Int, origin: String
  ) {
    self.sizes = sizes
    self.embeddings = embeddings
    self.normalizesEmbeddings = normalizesEmbeddings
    self.endToken = endToken
    self.tokenizer = tokenizer
    self.step = step
    self.origin = origin
  }
}

extension ModelDescription {
  private static let metadataKey = "capstan"

  /// What a safetensors file's metadata says of its model, where Capstan wrote it.
  public init?(metadata: [String: String]) {
    guard let text = metadata[Self.metadataKey],
      let description = try? JSONDecoder().decode(Self.self, from: Data(text.utf8))
    else { return nil }
    self = description
  }

  /// The same for a file that is written.
  public func metadata() throws -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return [Self.metadataKey: String(decoding: try encoder.encode(self), as: UTF8.self)]
  }
}

/// The file of a model directory that describes the model.
public struct ModelDescriptionFile: Codable {
  public static let name = "model.json"
  public static let format = "capstan-model"

  public var format = ModelDescriptionFile.format
  public var version = 1
  public let model: ModelDescription

  public static func write(_ model: ModelDescription, to directory: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    try DurableFile.write(encoder.encode(Self(model: model)), to: "\(directory)/\(name)")
  }

  public static func read(from directory: String) throws -> ModelDescription {
    let path = "\(directory)/\(name)"
    let file: Self
    do {
      file = try JSONDecoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw Failure.badData("\(path) is not the description of a model; import or export the model again.")
    }
    guard file.format == format, file.version == 1 else {
      throw Failure.badData(
        "\(path) is \(file.format) of version \(file.version), but this Capstan reads \(format) of version 1; use the "
          + "Capstan that wrote it.")
    }
    try file.model.sizes.languageModel.validate(source: path)
    return file.model
  }
}
