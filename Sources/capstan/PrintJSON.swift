import Foundation
import Support

/// Prints a JSON value, sorted by its keys.
/// - Parameter keys: in snake case, unless they are names of others' that must stay as they are.
func printJSON(_ value: some Encodable, keys: JSONEncoder.KeyEncodingStrategy = .convertToSnakeCase) throws {
  print(String(decoding: try JSON.encoder(isIndented: true, keys: keys).encode(value), as: UTF8.self))
}
