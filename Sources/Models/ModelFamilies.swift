/// All kinds of captioners.
public enum ModelFamilies {
  public static let all: [any ModelFamily.Type] = [ClipCapSection.self, MergeRNNSection.self]

  public static func named(_ name: String) -> (any ModelFamily.Type)? { all.first { $0.name == name } }

  /// As a sentence has them.
  public static var names: String { all.map { $0.name }.joined(separator: ", ") }
}
