import Foundation

/// JSON of Capstan's own: keys in snake case, and sorted, so that the same value has the same bytes.
public enum JSON {
  /// - Parameters:
  ///   - isIndented: for what people look at too; else all is on one line.
  ///   - keys: other than in snake case, where they are names of others' that must stay as they are.
  public static func encoder(
    isIndented: Bool = false, keys: JSONEncoder.KeyEncodingStrategy = .convertToSnakeCase
  ) -> JSONEncoder {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = keys
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    if isIndented { encoder.outputFormatting.insert(.prettyPrinted) }
    return encoder
  }

  /// Reads keys in snake case, and in camel case, which earlier versions wrote.
  /// - Parameter former: keys of earlier versions that are other words, and what they are now, in camel case.
  public static func decoder(renaming former: [String: String] = [:]) -> JSONDecoder {
    let decoder = JSONDecoder()
    decoder.keyDecodingStrategy = .custom { path in
      let key = path.last?.stringValue ?? ""
      return Key(stringValue: former[key] ?? camelCase(key))
    }
    return decoder
  }

  private static func camelCase(_ key: String) -> String {
    let words = key.split(separator: "_")
    return words.prefix(1).joined()
      + words.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
  }

  private struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }
}
