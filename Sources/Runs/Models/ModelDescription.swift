import Datasets
import Foundation
import Models
import Support

/// What a model is beside its weights and its vocabulary. `docs/checkpoint-format.md` is normative for the file.
public struct ModelDescription: Codable, Equatable, Sendable {
  public var model: any ModelConfiguration { storedModel.base }
  private let storedModel: AnyModelConfiguration
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
    model: any ModelConfiguration, embeddings: EmbeddingSpec?, normalizesEmbeddings: Bool, endToken: Bool,
    tokenizer: Fingerprint, step: Int, origin: String
  ) {
    storedModel = AnyModelConfiguration(model)
    self.embeddings = embeddings
    self.normalizesEmbeddings = normalizesEmbeddings
    self.endToken = endToken
    self.tokenizer = tokenizer
    self.step = step
    self.origin = origin
  }

  private enum CodingKeys: String, CodingKey {
    case embeddings, normalizesEmbeddings, endToken, tokenizer, step, origin
    case storedModel = "model"
  }

  /// What versions that had one family of models wrote in place of the model.
  private enum FormerKeys: String, CodingKey {
    case sizes
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    storedModel =
      container.contains(.storedModel)
      ? try container.decode(AnyModelConfiguration.self, forKey: .storedModel)
      : AnyModelConfiguration(
        try decoder.container(keyedBy: FormerKeys.self).decode(ClipCapConfiguration.self, forKey: .sizes))
    embeddings = try container.decodeIfPresent(EmbeddingSpec.self, forKey: .embeddings)
    normalizesEmbeddings = try container.decode(Bool.self, forKey: .normalizesEmbeddings)
    endToken = try container.decode(Bool.self, forKey: .endToken)
    tokenizer = try container.decode(Fingerprint.self, forKey: .tokenizer)
    step = try container.decode(Int.self, forKey: .step)
    origin = try container.decode(String.self, forKey: .origin)
  }
}

extension ModelDescription {
  private static let metadataKey = "capstan"

  /// What a safetensors file's metadata says of its model, where Capstan wrote it.
  public init?(metadata: [String: String]) {
    guard let text = metadata[Self.metadataKey],
      let description = try? JSON.decoder().decode(Self.self, from: Data(text.utf8))
    else { return nil }
    self = description
  }

  /// The same for a file that is written.
  public func metadata() throws -> [String: String] {
    [Self.metadataKey: String(decoding: try JSON.encoder().encode(self), as: UTF8.self)]
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
    try DurableFile.write(
      JSON.encoder(isIndented: true).encode(Self(model: model)), to: "\(directory)/\(name)")
  }

  public static func read(from directory: String) throws -> ModelDescription {
    let path = "\(directory)/\(name)"
    let file: Self
    do {
      file = try JSON.decoder().decode(Self.self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw Failure.badData("\(path) is not the description of a model; import or export the model again.")
    }
    guard file.format == format, file.version == 1 else {
      throw Failure.badData(
        "\(path) is \(file.format) of version \(file.version), but this Capstan reads \(format) of version 1; use the "
          + "Capstan that wrote it.")
    }
    try file.model.model.validate(source: path)
    return file.model
  }
}
