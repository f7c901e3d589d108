import ConfigurationKeys
import Models

public struct ModelSection: ConfigurationSection {
  /// A name of ``ModelFamilies``.
  public var family = ClipCapSection.name
  public var initialModel: String?
  public var normalizeEmbeddings = false
  /// Of each family, by its name; absent: its defaults.
  private var sections: [String: any ModelFamily] = [:]

  public init() {}

  /// What is said of the family that is chosen.
  public var section: any ModelFamily {
    get { sections[family] ?? ModelFamilies.named(family)?.init() ?? ClipCapSection() }
    set { sections[type(of: newValue).name] = newValue }
  }

  public var clipCap: ClipCapSection {
    get { self[ClipCapSection.self] }
    set { self[ClipCapSection.self] = newValue }
  }

  private subscript<Family: ModelFamily>(type: Family.Type) -> Family {
    get { sections[Family.name] as? Family ?? Family() }
    set { sections[Family.name] = newValue }
  }

  public static var keys: [ConfigurationKey<Self>] {
    [
      .init("family", \.family, "The kind of captioner: \(ModelFamilies.names)."),
      .init(
        "init_from", formerly: "start_from", \.initialModel,
        "A model to start from with all its weights: a run, a checkpoint, or a directory that `capstan checkpoint import` "
          + "made; null: the family's own start, from random weights or those that its keys name."),
    ] + ModelFamilies.all.flatMap { keys(of: $0) } + [
      .init(
        "normalize_embeddings", \.normalizeEmbeddings,
        "Whether each embedding is divided by its length first.")
    ]
  }

  private static func keys<Family: ModelFamily>(of family: Family.Type) -> [ConfigurationKey<Self>] {
    if let key = Family.key {
      return [.init(key, get: { $0[family] }, set: { $0[family] = $1 }, Family.help)]
    }
    return Family.keys.map { ConfigurationKey($0, get: { $0[family] }, set: { $0[family] = $1 }) }
  }
}
