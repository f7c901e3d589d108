import Foundation

extension Communicator {
  /// What each rank has, by rank. All ranks call this together.
  public func allGather<Value: Codable>(encoding value: Value) throws -> [Value] {
    try allGather(Array(JSONEncoder().encode(value))).map {
      try JSONDecoder().decode(Value.self, from: Data($0))
    }
  }
}
