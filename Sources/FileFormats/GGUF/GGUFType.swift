import CKernels
import Foundation

/// How ggml stores the numbers of a tensor, by its own names and numbers of the types.
// swift-format-ignore: AlwaysUseLowerCamelCase
enum GGUFType: UInt32, CaseIterable {
  case f32 = 0
  case f16 = 1
  case q4_0 = 2
  case q4_1 = 3
  case q5_0 = 6
  case q5_1 = 7
  case q8_0 = 8
  case q4_k = 12
  case q5_k = 13
  case q6_k = 14
  case f64 = 28
  case bf16 = 30

  /// Numbers of a block, and its bytes.
  var block: (numbers: Int, bytes: Int) {
    switch self {
    case .f32: (1, 4)
    case .f16, .bf16: (1, 2)
    case .f64: (1, 8)
    case .q4_0: (32, 18)
    case .q4_1: (32, 20)
    case .q5_0: (32, 22)
    case .q5_1: (32, 24)
    case .q8_0: (32, 34)
    case .q4_k: (256, 144)
    case .q5_k: (256, 176)
    case .q6_k: (256, 210)
    }
  }

  /// Nil of numbers in blocks.
  private var element: ElementType? {
    switch self {
    case .f32: .float32
    case .f16: .float16
    case .bf16: .bfloat16
    case .f64: .float64
    case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0, .q4_k, .q5_k, .q6_k: nil
    }
  }

  /// - Parameter bytes: the blocks of the whole shape.
  func array(shape: [Int], _ bytes: Data) -> StoredArray {
    if let element { return StoredArray(shape: shape, element: element, bytes: bytes) }
    let count = bytes.count / block.bytes
    var values = Data(count: count * block.numbers * MemoryLayout<Float>.size)
    values.withUnsafeMutableBytes { values in
      bytes.withUnsafeBytes { bytes in
        capstan_dequantize(
          capstan_block_format(rawValue: rawValue), bytes.assumingMemoryBound(to: UInt8.self).baseAddress,
          count,
          values.assumingMemoryBound(to: Float.self).baseAddress)
      }
    }
    return StoredArray(shape: shape, element: .float32, bytes: values)
  }

  /// Of those that are not read.
  private static let others: [UInt32: String] = [
    9: "Q8_1", 10: "Q2_K", 11: "Q3_K", 15: "Q8_K", 16: "IQ2_XXS", 17: "IQ2_XS", 18: "IQ3_XXS", 19: "IQ1_S",
    20: "IQ4_NL",
    21: "IQ3_S", 22: "IQ2_S", 23: "IQ4_XS", 24: "I8", 25: "I16", 26: "I32", 27: "I64", 29: "IQ1_M",
    34: "TQ1_0",
    35: "TQ2_0", 39: "MXFP4",
  ]

  static func name(of type: UInt32) -> String {
    GGUFType(rawValue: type).map { "\($0)".uppercased() } ?? others[type] ?? "number \(type)"
  }

  static var known: String { allCases.map { "\($0)".uppercased() }.joined(separator: ", ") }
}
