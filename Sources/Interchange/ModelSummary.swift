import Datasets
import FileFormats
import Models
import Support
import Training

/// What a model is, for people and for programs.
public struct ModelSummary: Encodable, CustomStringConvertible {
  public let origin: String
  public let step: Int
  /// `linear`, `mlp`, `transformer`; nil: a plain language model.
  public let mapper: String?
  public let prefixLength: Int?
  public let embeddings: EmbeddingSpec?
  public let normalizesEmbeddings: Bool
  public let endToken: Bool
  public let languageModel: AnyLanguageModelConfiguration
  public let mapperParameters: Int
  public let languageModelParameters: Int
  /// The types of the numbers, most used first.
  public let elementTypes: [String]
  public let droppedMasks: Int
  public let droppedHead: Bool
  /// The key in a training program's file that the weights were under.
  public let weightsKey: String?
  /// What else that file has, by its keys.
  public let passedOver: [String]
  public let droppedRows: Int
  private let mapperInWords: String

  private enum CodingKeys: String, CodingKey {
    case origin, step, mapper, prefixLength, embeddings, normalizesEmbeddings, endToken, languageModel
    case mapperParameters, languageModelParameters, elementTypes, droppedMasks, droppedHead, weightsKey,
      passedOver, droppedRows
  }

  public init(_ model: PortableModel) {
    let description = model.description
    let sizes = model.sizes
    origin = description.origin
    step = description.step
    mapper = sizes.mapper?.kind
    prefixLength = sizes.mapper?.prefixLength
    mapperInWords = sizes.mapper.inWords
    embeddings = description.embeddings
    normalizesEmbeddings = description.normalizesEmbeddings
    endToken = description.endToken
    languageModel = AnyLanguageModelConfiguration(sizes.languageModel)
    mapperParameters = (model.model.mapper?.parameters ?? []).reduce(0) { $0 + $1.count }
    languageModelParameters = model.model.languageModel.parameters.reduce(0) { $0 + $1.count }
    elementTypes = model.weights.elementTypes.map(\.rawValue)
    droppedMasks = model.weights.droppedMasks
    droppedHead = model.weights.hasTiedHead
    weightsKey = model.weights.key
    droppedRows = model.weights.droppedRows
    passedOver = model.weights.passedOver
  }

  public var description: String {
    let millions = { (count: Int) in String(format: "%.2f M parameters", Double(count) / 1e6) }
    var rows = [["from", origin + (step > 0 ? ", step \(step)" : "")]]
    if let embeddings {
      rows.append(["mapping network", "\(mapperInWords), \(millions(mapperParameters))"])
      rows.append([
        "embeddings", "\(embeddings)\(normalizesEmbeddings ? ", each divided by its length first" : "")",
      ])
    }
    rows.append([
      "language model",
      "\(languageModel.base.name) of \(languageModel.base.inWords), \(millions(languageModelParameters))",
    ])
    rows.append(["captions end with", endToken ? "the end of text" : "a full stop"])
    rows.append(["numbers", elementTypes.joined(separator: ", ")])
    if let weightsKey {
      rows.append([
        "weights", "those under \(weightsKey.printableLine(longest: 80)); others are taken by --weights KEY",
      ])
    }
    let dropped = [
      droppedHead ? "the head, which is the token table" : nil,
      droppedMasks > 0 ? "\(droppedMasks) constants of an old transformers" : nil,
      droppedRows > 0 ? "\(droppedRows) rows of the token table, which are no token's" : nil,
      passedOver.isEmpty ? nil : passedOver.quoted,
    ].compactMap(\.self)
    if !dropped.isEmpty { rows.append(["not taken over", dropped.joined(separator: "; ")]) }
    return TextTable([.left, .left], rows).description
  }
}

extension MapperConfiguration {
  fileprivate var kind: String {
    switch self {
    case .linear: "linear"
    case .mlp: "mlp"
    case .transformer: "transformer"
    }
  }
}

extension [String] {
  /// The first few keys of a file, and how many more there are.
  fileprivate var quoted: String {
    prefix(12).map { $0.printableLine(longest: 80) }.joined(separator: ", ")
      + (count > 12 ? " and \(count - 12) more" : "")
  }
}
