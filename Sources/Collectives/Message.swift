import CKernels
import Tensors

/// How floats stand in messages between nodes: as they are, or rounded to bfloat16 (to nearest, ties to even) in half
/// the bytes. A message is made of words of 32 bits.
extension Precision {
  /// Words that as many floats take: in bfloat16 for every 16 begun 8.
  func words(of count: Int) -> Int {
    switch self {
    case .float32: count
    case .bfloat16: count.padded(to: 16) / 2
    }
  }
}

extension Backend {
  /// Writes floats as a message has them, on the calling thread.
  func encode(
    _ values: UnsafePointer<Float>, count: Int, as precision: Precision, to words: UnsafeMutablePointer<Float>
  ) {
    switch precision {
    case .float32: words.update(from: values, count: count)
    case .bfloat16:
      let halves = UnsafeMutableRawPointer(words).assumingMemoryBound(to: UInt16.self)
      kernels.round_rows(halves, 2 * precision.words(of: count), values, 0, 1, count)
    }
  }

  /// Reads floats as a message has them, on the calling thread.
  func decode(
    _ words: UnsafePointer<Float>, count: Int, as precision: Precision, to values: UnsafeMutablePointer<Float>
  ) {
    switch precision {
    case .float32: values.update(from: words, count: count)
    case .bfloat16: capstan_bfloat16_to_float(words, values, count)
    }
  }

  /// A range of a buffer as it is sent: where nothing is rounded, the buffer's own memory.
  func message(of range: Range<Int>, of buffer: Matrix, as precision: Precision) -> Matrix {
    guard precision != .float32 else { return buffer.slice(range.lowerBound, count: range.count) }
    let message = matrix(1, precision.words(of: range.count))
    inBlocks(of: range.count) { start, count in
      encode(
        buffer.pointer + range.lowerBound + start, count: count, as: precision,
        to: message.pointer + precision.words(of: start))
    }
    return message
  }

  /// Adds a message to a range of a buffer. Where the message was rounded, so is the buffer before: the sum does not tell
  /// which of the two has travelled.
  func add(_ message: Matrix, to range: Range<Int>, of buffer: Matrix, as precision: Precision) {
    let target = buffer.slice(range.lowerBound, count: range.count)
    guard precision != .float32 else { return add(target, message, into: target) }
    inBlocks(of: range.count) { start, count in
      let sum = target.pointer + start
      let words = message.pointer + precision.words(of: start)
      withScratch(precision.words(of: count) + count) { rounded in
        let addend = rounded + precision.words(of: count)
        encode(sum, count: count, as: precision, to: rounded)
        decode(rounded, count: count, as: precision, to: sum)
        decode(words, count: count, as: precision, to: addend)
        kernels.add(sum, sum, addend, count)
      }
    }
  }
}
