/// What a synthetic picture shows, though not where exactly: two groups of like shapes, one above or left of
/// the other. Two pictures with the same description differ in positions, sizes and shades.
public struct SceneDescription: Hashable, Sendable {
  public enum Shape: String, CaseIterable, Sendable { case circle, square, triangle, diamond }

  public enum Color: String, CaseIterable, Sendable { case red, green, blue, yellow, purple, orange }

  public enum Size: CaseIterable, Sendable { case small, large }

  /// One to three shapes of one kind, side by side.
  public struct Group: Hashable, Sendable {
    public static let counts = 1...3

    public var count: Int
    public var size: Size
    public var color: Color
    public var shape: Shape

    public static let all: [Group] = counts.flatMap { count in
      Size.allCases.flatMap { size in
        Color.allCases.flatMap { color in
          Shape.allCases.map { Group(count: count, size: size, color: color, shape: $0) }
        }
      }
    }
  }

  public enum Relation: CaseIterable, Sendable {
    case above, below, leftOf, rightOf

    /// The relation seen from the other group.
    public var converse: Relation {
      switch self {
      case .above: .below
      case .below: .above
      case .leftOf: .rightOf
      case .rightOf: .leftOf
      }
    }
  }

  /// The upper or the left group.
  public let first: Group
  /// `above` or `leftOf`: how `first` stands to `second`.
  public let relation: Relation
  public let second: Group

  /// Says the same of "A below B" and of "B above A".
  public init(_ subject: Group, _ relation: Relation, _ object: Group) {
    let isCanonical = relation == .above || relation == .leftOf
    first = isCanonical ? subject : object
    self.relation = isCanonical ? relation : relation.converse
    second = isCanonical ? object : subject
  }

  /// Every description of two different groups, in a fixed order.
  public static let all: [SceneDescription] = [Relation.above, .leftOf].flatMap { relation in
    Group.all.flatMap { first in
      Group.all.filter { $0 != first }.map { SceneDescription(first, relation, $0) }
    }
  }
}
