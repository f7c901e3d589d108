/// An image's id as COCO's files have it in JSON: a number or a string.
public enum ImageID: Encodable, Equatable, Sendable {
  case number(Int)
  case name(String)

  /// Ids of images that belong together: numbers when all of them are plain integers, as COCO's are, and strings otherwise.
  public static func all(_ texts: [String]) -> [ImageID] {
    let numbers = texts.map { text in Int(text).flatMap { String($0) == text ? $0 : nil } }
    return numbers.contains(nil) ? texts.map(name) : numbers.compactMap(\.self).map(number)
  }

  public var isNumber: Bool { if case .number = self { true } else { false } }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number): try container.encode(number)
    case .name(let name): try container.encode(name)
    }
  }
}
