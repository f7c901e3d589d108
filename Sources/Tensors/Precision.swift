/// In which numbers matrix products are computed; their sums, and everything else, are always float32.
public enum Precision: String, Sendable, CaseIterable, Codable {
  case float32
  /// Operands rounded to bfloat16: half the memory, and on processors with instructions for it a multiple of the speed.
  case bfloat16
}
