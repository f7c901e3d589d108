import CKernels
import Testing

@testable import Tensors

/// The known-answer vectors that Random123 publishes for philox4x32-10.
@Test func philoxKnownAnswers() {
  let zeros = capstan_philox(0, capstan_philox_block(word: (0, 0, 0, 0))).word
  #expect(zeros == (0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
  let ones = capstan_philox(.max, capstan_philox_block(word: (.max, .max, .max, .max))).word
  #expect(ones == (0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
}

@Test func streamsOfOneSeedDiffer() {
  var a = Philox(seed: 1, stream: "a"), b = Philox(seed: 1, stream: "b")
  #expect(a.next() != b.next())
}
